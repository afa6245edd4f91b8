import { useEffect, useState } from 'preact/hooks';
import { asProblem } from '../../api/http.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon, Logo } from '../../ui/icon.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { toast } from '../../ui/toast.tsx';
import { whenText } from '../../ui/when.ts';
import { l } from '../legal/strings.ts';
import { problemText } from '../say.ts';
import { shopSlug } from '../shops.ts';
import { addBreach, listBreaches, setBreach, type Breach } from './api.ts';

const hourMs = 3_600_000;
/** Thailand's PDPA section 37(4): the office is told within 72 hours of knowing. */
const tellWithin = 72;
const tell = (e: unknown): void => toast(problemText(asProblem(e)), 'bad');

/** Hours that are left to tell; negative when they are over. */
export const hoursLeft = (found: number, now: number): number => Math.floor((found + tellWithin * hourMs - now) / hourMs);

const localText = (ms: number): string => {
  const d = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return d.toISOString().slice(0, 16);
};

function NewSheet({ close, put }: { close: () => void; put: (b: Breach) => void }) {
  const [what, setWhat] = useState('');
  const [found, setFound] = useState(localText(nowMs.peek()));
  const [people, setPeople] = useState('');
  const at = new Date(found).getTime();
  const wrong = !what.trim() || Number.isNaN(at) || (people !== '' && !/^\d{1,9}$/.test(people));
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    if (wrong) return;
    try {
      put(await addBreach({ found_at: at, what: what.trim(), people: people === '' ? null : Number(people) }));
      close();
    } catch (err) {
      tell(err);
    }
  }
  return (
    <Sheet title={l('breach.new')} close={close} testId="breach-sheet">
      <form class="stack" onSubmit={(e) => void submit(e)}>
        <label class="fld"><span class="lb">{l('breach.what')}</span><textarea class="inp" rows={4} maxLength={2000} value={what} data-autofocus data-testid="breach-what" onInput={(e) => setWhat(e.currentTarget.value)} /></label>
        <label class="fld"><span class="lb">{l('breach.found')}</span><input class="inp num" type="datetime-local" value={found} onInput={(e) => setFound(e.currentTarget.value)} /></label>
        <label class="fld"><span class="lb">{l('breach.people')}</span><input class="inp num" inputMode="numeric" value={people} autoComplete="off" onInput={(e) => setPeople(e.currentTarget.value)} /></label>
        <div class="sheet-acts"><button type="submit" class="btn pri" aria-disabled={wrong} data-testid="breach-save">{l('save')}</button></div>
      </form>
    </Sheet>
  );
}

function Clock({ b }: { b: Breach }) {
  if (b.closed_at) return <span class="pill">{l('breach.closed', { time: whenText(b.closed_at, nowMs.value) })}</span>;
  if (b.told_at) return <span class="pill ok">{l('breach.told', { time: whenText(b.told_at, nowMs.value) })}</span>;
  const h = hoursLeft(b.found_at, nowMs.value);
  return <span class={`pill ${h < 24 ? 'bad' : 'warn'}`}>{h < 0 ? l('breach.late') : l('breach.left', { h })}</span>;
}

function One({ b, put }: { b: Breach; put: (b: Breach) => void }) {
  const change = (c: { told_at?: number; closed_at?: number }): void => void setBreach(b, c).then(put, tell);
  return (
    <li class="row" data-testid="breach-row"><span class="grow"><b class="sm">{b.what}</b>
      <span class="xs t2">{[whenText(b.found_at, nowMs.value), b.people === null ? '' : l('breach.peopleN', { n: b.people }), b.by].filter(Boolean).join(' · ')}</span></span>
      <Clock b={b} />
      {!b.told_at && <button type="button" class="btn s" data-testid="breach-tell" onClick={() => change({ told_at: nowMs.peek() })}>{l('breach.tell')}</button>}
      {b.told_at && !b.closed_at && <button type="button" class="btn s" data-testid="breach-close" onClick={() => change({ closed_at: nowMs.peek() })}>{l('breach.close')}</button>}
    </li>
  );
}

export function Breaches() {
  const [all, setAll] = useState<Breach[] | null>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    listBreaches().then((got) => setAll(got.items), tell);
  }, [shopSlug.value]);
  const put = (b: Breach): void => setAll((was) => (was?.some((x) => x.id === b.id) ? was.map((x) => (x.id === b.id ? b : x)) : [b, ...(was ?? [])]));
  return (
    <div class="stack">
      <p class="note"><Icon name="info" size={18} /><span>{l('breach.text')}</span></p>
      <button type="button" class="btn" data-testid="breach-new" onClick={() => setOpen(true)}><Icon name="plus" />{l('breach.new')}</button>
      {all?.length === 0 && <div class="empty card"><Logo size={40} /><b>{l('breach.none')}</b></div>}
      {all && all.length > 0 && <section class="card"><ul class="pv-list">{all.map((b) => <One key={b.id} b={b} put={put} />)}</ul></section>}
      {open && <NewSheet close={() => setOpen(false)} put={put} />}
    </div>
  );
}
