import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dropBack, keepBack, takeBack } from './back.ts';

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.unstubAllGlobals());

describe('what was to be said on return', () => {
  it('is given once, to the room that was left', () => {
    keepBack('shw_1', 'สวัสดีค่ะ');
    expect(takeBack('shw_2')).toBeNull();
    expect(takeBack('shw_1')).toEqual({ text: 'สวัสดีค่ะ' });
    expect(takeBack('shw_1')).toBeNull();
  });

  it('is forgotten after a quarter of an hour, and when it was said otherwise', () => {
    keepBack('shw_1', 'hi', 1_000_000);
    expect(takeBack('shw_1', 1_000_000 + 15 * 60_000)).toBeNull();
    keepBack('shw_1', 'hi', 1_000_000);
    expect(takeBack('shw_1', 999_999)).toBeNull();
    keepBack('shw_1', 'hi');
    dropBack();
    expect(takeBack('shw_1')).toBeNull();
  });

  it('is nothing where nothing can be kept', () => {
    const no = (): never => {
      throw new DOMException('no', 'SecurityError');
    };
    vi.stubGlobal('sessionStorage', { getItem: no, setItem: no, removeItem: no });
    keepBack('shw_1', 'hi');
    expect(takeBack('shw_1')).toBeNull();
  });

  it('is not made of what others have put there', () => {
    sessionStorage.setItem('nm-back', '{"show":"shw_1","text":{},"at":"x"}');
    expect(takeBack('shw_1')).toBeNull();
    sessionStorage.setItem('nm-back', '[');
    expect(takeBack('shw_1')).toBeNull();
  });
});
