import { render } from 'preact';
import { expect, it, vi } from 'vitest';
import { Foot } from './foot.tsx';

it('the foot of a page leads to every legal text, by its name', async () => {
  const at = document.createElement('div');
  render(<Foot />, at);
  await vi.waitFor(() => expect(at.querySelectorAll('a')).toHaveLength(4));
  const links = [...at.querySelectorAll('a')].map((a) => [a.getAttribute('href'), a.textContent]);
  expect(links).toEqual([['/legal/terms', '服務條款'], ['/legal/privacy', '隱私權政策'], ['/legal/returns', '退換貨'], ['/legal/imprint', '關於賣家']]);
});
