import { useEffect, useState } from 'preact/hooks';
import { asProblem } from '../../api/http.ts';
import { toast } from '../../ui/toast.tsx';
import { problemText } from '../say.ts';
import { shopSlug } from '../shops.ts';
import { t } from '../strings.ts';
import { getSender, setSender } from './api.ts';
import { m } from './strings.ts';
import type { Sender } from './types.ts';

const kinds = ['c2c', 'b2c'] as const;

/** Who hands parcels in for pick-up at stores, and by which contract. Nothing can be sent without. */
export function SenderCard() {
  const [s, put] = useState<Sender | null>(null);
  const [name, setName] = useState('');
  const [phone, setPhone] = useState('');
  const show = (got: Sender): void => {
    put(got);
    setName(got.sender_name ?? '');
    setPhone(got.sender_phone ?? '');
  };
  const tell = (e: unknown): void => {
    const p = asProblem(e);
    toast(p.code === 'input' ? p.message : problemText(p), 'bad');
  };
  useEffect(() => void getSender(shopSlug.value).then(show, tell), [shopSlug.value]);
  if (!s?.ready) return null;
  async function save(change: Partial<Sender>): Promise<void> {
    if (!s) return;
    try {
      show(await setSender(shopSlug.value, { kind: s.kind, sender_name: name.trim() || null, sender_phone: phone.trim() || null, ...change }));
      toast(t('form.saved'), 'ok');
    } catch (e) {
      tell(e);
    }
  }
  const bad = phone.trim() !== '' && !/^09\d{8}$/.test(phone.replaceAll(/[\s-]/g, ''));
  const dirty = name.trim() !== (s.sender_name ?? '') || phone.trim() !== (s.sender_phone ?? '');
  return (
    <section class="card stack" data-testid="sender">
      <h3 class="sec">{m('sender.title')}</h3>
      <p class="sm t2">{m('sender.text')}</p>
      <label class="fld"><span class="lb">{m('sender.kind')}</span>
        <select class="inp" value={s.kind} data-testid="sender-kind" onChange={(e) => void save({ kind: e.currentTarget.value === 'b2c' ? 'b2c' : 'c2c' })}>
          {kinds.map((k) => <option key={k} value={k}>{m(`sender.${k}`)}</option>)}
        </select></label>
      <label class="fld"><span class="lb">{m('sender.name')}</span><input class="inp" value={name} maxLength={60} autoComplete="off" data-testid="sender-name" onInput={(e) => setName(e.currentTarget.value)} /></label>
      <label class="fld"><span class="lb">{m('sender.phone')}</span><input class={`inp num${bad ? ' err' : ''}`} inputMode="tel" value={phone} maxLength={24} aria-invalid={bad} placeholder="0912345678" autoComplete="off" data-testid="sender-phone" onInput={(e) => setPhone(e.currentTarget.value)} /></label>
      {dirty && <button type="button" class="btn s pri" aria-disabled={bad} data-testid="sender-save" onClick={() => { if (!bad) void save({}); }}>{t('form.save')}</button>}
    </section>
  );
}
