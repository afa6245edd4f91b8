import { count, listText, pick } from '../../i18n/format.ts';
import { langNames } from '../../i18n/index.ts';
import { nowMs } from '../../ui/clock.ts';
import { Icon } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { toast } from '../../ui/toast.tsx';
import { Words } from '../../ui/words.tsx';
import type { Show } from '../../api/types.ts';
import { Frame, Head } from '../frame.tsx';
import { StateMark, timeText } from '../list/view.tsx';
import { RunOrderCard } from '../sale/order.tsx';
import { copy, roomUrl } from '../say.ts';
import { t } from '../strings.ts';
import { wide } from '../wide.ts';
import { missingTitles, priceless, type Check } from './checks.ts';
import { Connect } from './connect.tsx';
import type { ShowCtrl } from './ctrl.ts';
import { warningsOf } from './health.ts';
import { Preview } from './preview.tsx';
import { Signal } from './signal.tsx';
import { TalkCard } from './talk.tsx';

function detail(ctrl: ShowCtrl, show: Show, c: Check): string {
  switch (c.id) {
    case 'titles':
      return c.ok ? t('check.titlesOk') : t('check.titlesMissing', { langs: listText(missingTitles(show).map((l) => langNames[l])) });
    case 'goods':
      return c.ok ? t('check.goodsOk', { n: ctrl.sale.run.value.length }) : t('check.goodsNo');
    case 'prices':
      return c.ok ? t('check.pricesOk') : t('check.pricesNo', { codes: listText(priceless(ctrl.sale.run.value).slice(0, 5)) });
    case 'quality': {
      const [first] = warningsOf(ctrl.health.value);
      return first ? t(`warn.${first}` as 'warn.no_video') : t(c.ok ? 'check.qualityOk' : 'check.qualityWait');
    }
    default:
      return t(`check.${c.id}${c.ok ? 'Ok' : c.waiting ? 'Wait' : 'No'}` as 'check.signalOk');
  }
}

function CheckRow({ ctrl, show, c, edit }: { ctrl: ShowCtrl; show: Show; c: Check; edit: () => void }) {
  const tone = c.ok ? 'y' : c.waiting ? 'w' : 'n';
  const fixable = !c.ok && ctrl.runs.value && (c.id === 'titles' || c.id === 'cover');
  return (
    <li class={`ckl ${tone}`} data-testid={`check-${c.id}`} data-ok={c.ok}>
      <span class="dot"><Icon name={c.ok ? 'check' : c.waiting ? 'clock' : 'warn'} size={16} /></span>
      <span class="grow"><b class="sm">{t(`check.${c.id}`)}</b><span class="xs t2">{detail(ctrl, show, c)}</span></span>
      <span class="vh">{t(c.ok ? 'check.yes' : 'check.notYet')}</span>
      {fixable && <button type="button" class="btn s" data-testid={`fix-${c.id}`} onClick={edit}>{t('check.fix')}</button>}
    </li>
  );
}

function whyNot(ctrl: ShowCtrl): string {
  if (!ctrl.runs.value) return t('golive.notYou');
  if (ctrl.ready.value) return t('golive.ready');
  return t('golive.missing');
}

async function goLive(ctrl: ShowCtrl): Promise<void> {
  if (!ctrl.ready.value || !ctrl.runs.value) return;
  if (await ctrl.move('go-live')) toast(t('golive.done'), 'ok');
}

function GoLive({ ctrl }: { ctrl: ShowCtrl }) {
  const may = ctrl.ready.value && ctrl.runs.value && !ctrl.busy.value;
  return (
    <div class="golive">
      <button type="button" class="btn lg wide warmth" aria-disabled={!may} aria-describedby="golive-why" data-testid="go-live" onClick={() => void goLive(ctrl)}>
        <Icon name="video" size={22} />{t(ctrl.busy.value === 'go-live' ? 'golive.busy' : 'golive.go')}
      </button>
      <p class="xs t2" id="golive-why" role="status">{whyNot(ctrl)}</p>
    </div>
  );
}

function Checklist({ ctrl, show, edit }: { ctrl: ShowCtrl; show: Show; edit: () => void }) {
  const checks = ctrl.checks.value;
  const done = checks.filter((c) => c.ok).length;
  return (
    <aside class="card checklist" aria-labelledby="h-checks">
      <div class="row"><h2 class="sec" id="h-checks">{t('check.title')}</h2><span class="num end tally" data-testid="check-tally">{done}<span class="t3">/{checks.length}</span></span></div>
      <progress class="pb" value={done} max={checks.length} aria-label={t('check.title')} />
      <ul>{checks.map((c) => <CheckRow key={c.id} ctrl={ctrl} show={show} c={c} edit={edit} />)}</ul>
      {wide.value && <GoLive ctrl={ctrl} />}
    </aside>
  );
}

function Acts({ ctrl, show, edit }: { ctrl: ShowCtrl; show: Show; edit: () => void }) {
  const isPublic = show.state !== 'draft';
  return (
    <>
      {isPublic && <button type="button" class="btn s" data-testid="copy-link" onClick={() => void copy(roomUrl(show.id), t('copy.link'))}><Icon name="share" size={18} />{t('ready.share')}</button>}
      {ctrl.runs.value && <button type="button" class="btn s" data-testid="edit-show" onClick={edit}><Icon name="edit" size={18} />{t('ready.edit')}</button>}
      {ctrl.runs.value && <button type="button" class="btn s ghost" data-testid="cancel-show" onClick={() => { ctrl.panel.value = { is: 'cancel' }; }}>{t('ready.cancel')}</button>}
    </>
  );
}

/** Before the show: the picture, how to send it, what is still missing, and the one button. */
export function Ready({ ctrl, edit }: { ctrl: ShowCtrl; edit: () => void }) {
  const show = ctrl.show.value;
  if (!show) return null;
  const sub = <>{timeText(show, nowMs.value)} · {show.host_name || show.shop.name}{ctrl.viewers.value.now > 0 && <> · {t('ready.waiting', { n: count(ctrl.viewers.value.now) })}</>}</>;
  const picture = (
    <section class="card flat stage" aria-label={t('preview.title')}>
      <Preview ctrl={ctrl} />
      <p class="private xs"><Icon name="hide" size={16} /><span>{t(show.state === 'draft' ? 'preview.privateDraft' : 'preview.private')}</span></p>
    </section>
  );
  return (
    <Frame at="show" bar={false}>
      <Head title={<Words of={show.title} />} sub={sub} back={() => go('/studio')} mark={<StateMark state={show.state} />}><Acts ctrl={ctrl} show={show} edit={edit} /></Head>
      <div class="ready" data-testid="ready" aria-label={pick(show.title).text}>
        {picture}
        <div class="mid" data-on={ctrl.health.value?.connected || undefined}><RunOrderCard ctrl={ctrl.sale} edits={ctrl.runs.value} /><Signal ctrl={ctrl} />{ctrl.runs.value && <Connect ctrl={ctrl} />}{show.state !== 'draft' && <TalkCard ctrl={ctrl} open />}</div>
        <Checklist ctrl={ctrl} show={show} edit={edit} />
      </div>
      {!wide.value && <div class="footbar"><GoLive ctrl={ctrl} /></div>}
    </Frame>
  );
}
