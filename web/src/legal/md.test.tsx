import { render } from 'preact';
import { describe, expect, it } from 'vitest';
import { blocksOf, runsOf, safeHref } from './md.ts';
import { Markdown } from './md.tsx';

function html(md: string): string {
  const root = document.createElement('div');
  render(<Markdown of={md} />, root);
  return root.innerHTML;
}

describe('a legal text', () => {
  it('is headings, paragraphs, lists, bold and links', () => {
    expect(html('# 一\n\n第一行\n第二行 **粗**\n\n- a\n- b\n\n1. x\n2. y\n\n## 二\n[退貨](/legal/returns) [PDPA](https://law.example/x)')).toBe(
      '<h2>一</h2><p>第一行\n第二行 <b>粗</b></p><ul><li>a</li><li>b</li></ul><ol><li>x</li><li>y</li></ol><h3>二</h3>' +
      '<p><a href="/legal/returns">退貨</a> <a href="https://law.example/x" rel="noopener noreferrer nofollow" target="_blank">PDPA</a></p>');
  });

  it('is never markup', () => {
    const bad = '<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n# <b>x</b>\n\n- <iframe>\n\n&lt;i&gt;';
    expect(html(bad)).not.toMatch(/<(?:script|img|iframe|i>)/);
    expect(html(bad)).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('links only to pages of ours and to http(s)', () => {
    for (const href of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', '//evil.example', '/\\evil.example', '\\\\evil', 'vbscript:x', ' https://x', 'http://', 'mailto:a@b.c', '\u0001javascript:alert(1)', 'java\tscript:alert(1)'])
      expect([href, safeHref(href)]).toEqual([href, null]);
    expect(html('[x](javascript:alert%281%29) [y](//evil.example)')).not.toContain('<a');
    expect(runsOf('[x](data:a) **b**').map((r) => r.is)).toEqual(['text', 'bold']);
  });

  it('of any shape is read in its own time', () => {
    const at = performance.now();
    for (const bad of ['['.repeat(100_000), '**'.repeat(60_000), '[a]('.repeat(40_000), '# '.repeat(50_000), '- '.repeat(60_000), '[' + 'a'.repeat(150_000), '*'.repeat(150_000)]) blocksOf(bad);
    expect(performance.now() - at).toBeLessThan(2500);
  });

  it('goes on after lines that only look like something', () => {
    expect(blocksOf('#hash\n-dash\n1.x\n\n#### four').map((b) => b.is)).toEqual(['text', 'text']);
    expect(blocksOf('')).toEqual([]);
  });
});
