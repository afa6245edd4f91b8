import { useEffect, useState } from 'preact/hooks';
import { asProblem } from '../../api/http.ts';
import { count } from '../../i18n/format.ts';
import { watchClock } from '../../ui/clock.ts';
import { toast } from '../../ui/toast.tsx';
import { useTitle } from '../../ui/title.ts';
import { Frame, Head } from '../frame.tsx';
import { l } from '../legal/strings.ts';
import { part, readPart, Tabs } from '../legal/tabs.tsx';
import { problemText } from '../say.ts';
import { shop, shopSlug } from '../shops.ts';
import { getDesk, putContact, type Desk, type Keep } from './api.ts';
import { Breaches } from './breaches.tsx';
import { Consents, Requests } from './rows.tsx';
import '../orders/style.css';
import '../legal/style.css';

const kinds = ['chat', 'inbox', 'outbox', 'guests', 'addresses', 'audit', 'orders', 'consents', 'requests'] as const;
const tell = (e: unknown): void => toast(problemText(asProblem(e)), 'bad');

function wordOf(k: Keep): string {
  const known = kinds.find((x) => x === k.kind);
  return known ? l(`keep.${known}`) : k.what;
}

function Contact({ desk, put }: { desk: Desk; put: (d: Desk) => void }) {
  const [text, setText] = useState(desk.contact ?? '');
  const same = text.trim() === (desk.contact ?? '');
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    if (same) return;
    try {
      put(await putContact(text.trim()));
      toast(l('contact.saved'), 'ok');
    } catch (err) {
      tell(err);
    }
  }
  return (
    <form class="card stack" onSubmit={(e) => void submit(e)}>
      <h2 class="sec">{l('contact.title')}</h2>
      <p class="sm t2" id="contact-help">{l('contact.text')}</p>
      <div class="row wrap pv-contact"><input class="inp grow" aria-label={l('contact.title')} aria-describedby="contact-help" value={text} maxLength={200} placeholder={l('contact.hint')} autoComplete="off" data-testid="contact" onInput={(e) => setText(e.currentTarget.value)} />
        <button type="submit" class="btn pri" aria-disabled={same} data-testid="contact-save">{l('save')}</button></div>
    </form>
  );
}

function Retention({ desk }: { desk: Desk }) {
  return (
    <section class="card stack"><p class="sm t2">{l('keep.text')}</p>
      <table class="pv-keep" data-testid="keep"><thead><tr><th scope="col">{l('keep.what')}</th><th scope="col">{l('keep.days')}</th></tr></thead>
        <tbody>{desk.keep.map((k) => <tr key={k.kind}><th scope="row">{wordOf(k)}</th><td class="num">{count(k.days)}{k.days !== k.default && <span class="xs t2"> ({l('keep.changed', { n: count(k.default) })})</span>}</td></tr>)}</tbody></table>
    </section>
  );
}

/** `/studio/privacy`: who asked for what, who agreed to what, how long things are kept, what went wrong. */
export function PrivacyView() {
  useTitle(l('title'));
  useEffect(() => {
    readPart();
    return watchClock();
  }, []);
  const [desk, setDesk] = useState<Desk | null>(null);
  useEffect(() => {
    getDesk().then(setDesk, tell);
  }, [shopSlug.value]);
  const tab = part.value;
  return (
    <Frame at="legal">
      <Head title={l('title')} sub={shop.value?.shop.name} />
      <Tabs at={tab} />
      <div class="stack">
        {tab === 'requests' && <Requests />}
        {tab === 'consents' && <Consents />}
        {tab === 'breaches' && <Breaches />}
        {tab === 'keep' && desk && <><Retention desk={desk} /><Contact key={desk.contact ?? ''} desk={desk} put={setDesk} /></>}
      </div>
    </Frame>
  );
}
