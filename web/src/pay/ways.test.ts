import { beforeAll, describe, expect, it } from 'vitest';
import { atm, waysTw } from '../../gallery/pay-data.ts';
import { setLang } from '../i18n/index.ts';
import { payReady } from './strings.ts';
import { endOf, failText, inOrder, leaves, platformOf, spanWords, wayName, wayText, whyNot } from './ways.ts';
import { byHand } from './by-hand.ts';

const of = (id: string) => waysTw.find((m) => m.id === id) ?? waysTw[0];

beforeAll(async () => {
  await payReady();
  await setLang('en');
});

describe('ways to pay', () => {
  it('are those that the shop offers, the last used first, what cannot be had last', () => {
    expect(inOrder(waysTw, 'ecpay_atm').map((m) => m.id)).toEqual([
      'ecpay_atm', 'ecpay_card', 'ecpay_barcode', 'ecpay_webatm', 'ecpay_installment', 'ecpay_cvs', 'ecpay_twqr', 'cod',
    ]);
  });

  it('do not put first what cannot be had', () => {
    expect(inOrder(waysTw, 'ecpay_cvs')[0]?.id).toBe('ecpay_card');
  });

  it('say what one does and how long there is', () => {
    const card = of('ecpay_card');
    const later = of('ecpay_atm');
    expect([card && wayText(card), later && wayText(later)]).toEqual(['Paid at once, within 15 minutes', 'Get an account number first, pay within 24 hours']);
    expect([90, 1440, 4320].map(spanWords)).toEqual(['90 minutes', '24 hours', '3 days']);
  });

  it('say why they cannot be had, with the amount', () => {
    expect(waysTw.filter((m) => !m.available).map(whyNot)).toEqual([
      'From NT$3,000 on', 'Not offered by this shop', 'Deals have to be paid at once', 'Out of reach right now', 'Up to NT$1,000: too much for this way',
    ]);
  });

  it('have a name, also one that only the server knows', () => {
    expect([wayName('cod', 'cvs'), wayName('omise_mobile_scb'), wayName('ecpay_new')]).toEqual(['Pay at pick-up', 'SCB EASY', 'ecpay_new']);
  });

  it('know whether the page is left, and how money goes back', () => {
    expect(waysTw.filter(leaves).map((m) => m.id)).not.toContain('cod');
    expect(['ecpay_card', 'ecpay_atm', 'omise_promptpay', 'omise_mobile_kbank', 'omise_card', 'ecpay_twqr'].map(byHand)).toEqual([false, true, true, true, false, true]);
  });

  it('end when the code does or when the goods are let go, whichever comes first', () => {
    const [soon, late] = [1000, 2000];
    const of2 = (own: number | null, code?: number) => endOf({ ...atm, expires_at: own, details: code ? { expires_at: code } : {} });
    expect([of2(soon, late), of2(late, soon), of2(late), of2(null, soon), of2(null)]).toEqual([soon, soon, late, soon, null]);
  });

  it('tell a failure in words, also one that is new', () => {
    expect(failText('no_funds')).toMatch(/Not enough/);
    expect(failText('something_new')).toBe(failText('declined'));
  });
});

it.each([['Mozilla/5.0 (iPhone; CPU)', 'IOS'], ['Mozilla/5.0 (Linux; Android 15)', 'ANDROID'], ['Mozilla/5.0 (Windows NT 10.0)', 'WEB']])('%s is %s', (agent, platform) => {
  expect(platformOf(agent)).toBe(platform);
});
