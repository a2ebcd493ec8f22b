import { systemClock } from '@zhida/core';
import { html, render } from 'lit/html.js';
import { createGatewayClient, type Later, type TokenProvider } from './gateway-client.js';
import { DEFAULT_HOTKEY, isHotkey, parseHotkey } from './hotkey.js';
import { loadMore, loadTexts } from './load-parts.js';
import type { Texts } from './locales/texts.js';
import type { PressProgress } from './machine/headline.js';
import { createMachine, type Machine } from './machine/machine.js';
import { isAsking } from './machine/prompts.js';
import { MANUAL } from './machine/state.js';
import type { More } from './more/kit.js';
import { style } from './style.js';
import { panelView } from './view/panel.js';
import { dockView } from './view/dock.js';

/** What a HIS may know of the widget: how many checks wait, and whether it is open. Nothing of any child. */
export interface ZhidaChangeDetail {
  readonly items: number;
  readonly open: boolean;
}

/** How long the focus may be elsewhere before the panel closes itself. */
const FOCUS_LOST_MS = 60_000;
/** How often what depends on the clock is drawn again. */
const CLOCK_MS = 30_000;
const ATTRIBUTES = {
  gateway: 'gateway',
  patientId: 'patient-id',
  visitId: 'visit-id',
  clinicianId: 'clinician-id',
  hotkey: 'hotkey',
} as const;

const later: Later = (milliseconds, task) => {
  const timer = setTimeout(task, milliseconds);
  return () => clearTimeout(timer);
};

/**
 * The bar and the panel of `诊疗核查`, docked in the corner of a HIS page. It draws with lit's templates on a plain element,
 * because a first load of 20 kB has no room for more.
 *
 * @summary Shows a clinician why a report may be due and sends it with one press.
 * @fires zhida-change - how many checks wait and whether the panel is open; `ZhidaChangeDetail`
 * @fires zhida-reported - the relay has a report; `{ number }`
 */
export class ZhidaPromptElement extends HTMLElement {
  static readonly observedAttributes = Object.values(ATTRIBUTES);

  /** Asked for the clinician's token at the start and whenever the gateway refuses the last one. */
  declare tokenProvider: TokenProvider | undefined;

  private readonly root = this.attachShadow({ mode: 'open' });
  private machine: Machine | undefined;
  /** Of persons who have left while a press of theirs was under way. */
  private left: Machine[] = [];
  private texts: Texts | undefined;
  private more: More | undefined;
  private ends: (() => void)[] = [];
  private focusLost: (() => void) | undefined;
  private drawn = true;
  private page = '';
  private told = '';
  private readonly reported: Record<string, boolean | undefined> = {};

  /** The gateway's origin. @defaultValue the page's own origin */
  get gateway(): string {
    return this.getAttribute(ATTRIBUTES.gateway) || window.location.origin;
  }
  set gateway(origin: string) {
    this.setAttribute(ATTRIBUTES.gateway, origin);
  }
  /** The patient whose chart the HIS has open, by the hospital's own id. */
  get patientId(): string {
    return this.getAttribute(ATTRIBUTES.patientId) || '';
  }
  set patientId(id: string) {
    this.setAttribute(ATTRIBUTES.patientId, id);
  }
  /** The visit whose chart the HIS has open. */
  get visitId(): string {
    return this.getAttribute(ATTRIBUTES.visitId) || '';
  }
  set visitId(id: string) {
    this.setAttribute(ATTRIBUTES.visitId, id);
  }
  /** Who sits at the screen, by the HIS's own account. Another one is another person, to whom nothing of the one before is shown. */
  get clinicianId(): string {
    return this.getAttribute(ATTRIBUTES.clinicianId) || '';
  }
  set clinicianId(account: string) {
    this.setAttribute(ATTRIBUTES.clinicianId, account);
  }
  /** Opens and closes the panel. @defaultValue Ctrl+Shift+H */
  get hotkey(): string {
    return this.getAttribute(ATTRIBUTES.hotkey) || DEFAULT_HOTKEY;
  }
  set hotkey(combination: string) {
    this.setAttribute(ATTRIBUTES.hotkey, combination);
  }

  /** Opens the page for a report the person begins (S6), for the HIS's own `诊疗核查＋`. */
  openManual(): void {
    this.machine?.beginManual(this.isManual);
  }

  /** Without prompts and without a sign-in: the page for whoever has a staff number and no seat in the HIS. */
  private get isManual(): boolean {
    return this.hasAttribute('manual');
  }

  connectedCallback(): void {
    takeEarlyProperties(this);
    adoptStyle(this.root);
    // The token provider is set by a script that may run after the element was parsed.
    const unstarted = later(0, () => void this.start());
    const onKey = (event: KeyboardEvent): void => this.onKey(event);
    document.addEventListener('keydown', onKey, true);
    const clock = setInterval(() => this.requestUpdate(), CLOCK_MS);
    const onLeave = (event: BeforeUnloadEvent): void => {
      if (![...this.left, this.machine].some(isUndelivered)) return;
      event.preventDefault();
      // Chrome before 119 asks for this alone.
      event.returnValue = true;
    };
    window.addEventListener('beforeunload', onLeave);
    const onVisibility = (): void => (document.hidden ? this.machine?.stop() : this.follow());
    document.addEventListener('visibilitychange', onVisibility);
    this.ends = [
      unstarted,
      () => document.removeEventListener('keydown', onKey, true),
      () => clearInterval(clock),
      () => window.removeEventListener('beforeunload', onLeave),
      () => document.removeEventListener('visibilitychange', onVisibility),
    ];
  }

  disconnectedCallback(): void {
    this.machine?.stop();
    for (const end of this.ends) end();
    this.ends = [];
    this.focusLost?.();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (name === ATTRIBUTES.clinicianId && before !== after) this.beginAnew();
    this.machine?.setChart({ patientId: this.patientId, visitId: this.visitId });
    this.requestUpdate();
  }

  private async start(): Promise<void> {
    this.texts = await loadTexts(this.lang || document.documentElement.lang);
    // Taken out of the page while the texts came.
    if (!this.isConnected) return;
    this.begin();
  }

  private begin(): void {
    this.machine ||= this.createMachine();
    if (this.isManual) this.openManual();
    this.follow();
    this.requestUpdate();
  }

  /**
   * Streams are for a page somebody looks at. Each holds one of the six connections a browser opens to one origin over HTTP/1.1, and a
   * prompt in a hidden tab is seen by nobody.
   */
  private follow(): void {
    const { machine } = this;
    if (machine === undefined || document.hidden) return;
    machine.deps.client.forgetToken();
    if (this.isManual) machine.look(true);
    else machine.start();
  }

  /** Another person sits here. What the one before saw and wrote is theirs; only what they have pressed goes on. */
  private beginAnew(): void {
    const { machine } = this;
    if (machine === undefined) return;
    machine.stop();
    this.left = [...this.left, machine].filter(isUndelivered);
    this.focusLost?.();
    this.machine = undefined;
    // It is bound to the machine it has shown first.
    this.more = undefined;
    // Out of the page it shows nobody anything; it begins when it comes back.
    if (this.isConnected) this.begin();
  }

  private createMachine(): Machine {
    const client = createGatewayClient({
      gateway: this.gateway.replace(/\/+$/, ''),
      token: () => (this.tokenProvider === undefined ? Promise.reject(new Error('no token provider')) : this.tokenProvider()),
      onOtherPerson: () => {
        if (this.machine === machine) this.beginAnew();
      },
      language: () => this.texts?.lang || '',
      fetch: (url, init) => window.fetch(url, init),
      later,
    });
    const machine = createMachine({ client, later, now: () => systemClock.now() });
    machine.setChart({ patientId: this.patientId, visitId: this.visitId });
    machine.subscribe(() => {
      // Also of a person who has left: what is refused then, somebody has to see.
      this.requestUpdate();
      if (this.machine === machine) this.tell(machine);
    });
    return machine;
  }

  private requestUpdate(): void {
    if (!this.drawn) return;
    this.drawn = false;
    void Promise.resolve().then(() => {
      this.drawn = true;
      this.draw();
    });
  }

  private draw(): void {
    const { machine, texts } = this;
    if (machine === undefined || texts === undefined) return;
    if (machine.state.open && this.more === undefined) void this.fetchMore();
    const context = {
      machine,
      texts,
      now: systemClock.now(),
      more: this.more,
      refused: machine.state.refused + this.left.filter((one) => isAt(one, 'refused')).length,
    };
    render(
      html`<div @focusin=${() => this.onFocus(true)} @focusout=${() => this.onFocus(false)}>
        ${machine.state.open ? panelView(context) : dockView(context, () => this.openManual(), isUndelivered(machine))}
      </div>`,
      this.root,
    );
    this.moveFocus(machine);
  }

  private async fetchMore(): Promise<void> {
    try {
      this.more ||= await loadMore();
      this.requestUpdate();
    } catch {
      // The line is down; it is fetched again when something is drawn next.
    }
  }

  /** Focus goes to the page that was opened, and back to the bar when it closes; a prompt that arrives takes none. */
  private moveFocus({ state }: Machine): void {
    const shownPage = this.root.querySelector<HTMLElement>('.page');
    const page = shownPage === null ? '' : `${state.shown}/${shownPage.dataset['testid']}`;
    if (page === this.page) return;
    const before = this.page;
    this.page = page;
    const target = page === '' ? this.root.querySelector('.bar, .plus') : this.root.querySelector('[data-focus]') || shownPage;
    // A collapse by the clock must not take the focus out of the HIS.
    if (page !== '' || (before !== '' && document.activeElement === this)) (target as HTMLElement | null)?.focus({ preventScroll: true });
  }

  private tell({ state }: Machine): void {
    const detail: ZhidaChangeDetail = { items: state.prompts.filter(isAsking).length, open: state.open };
    const told = `${detail.items}/${detail.open}`;
    if (told !== this.told) this.dispatch('zhida-change', detail);
    this.told = told;
    for (const session of Object.values(state.sessions)) {
      const number = session?.press?.stage === 'submitted' ? session.press.number : '';
      if (number === '' || this.reported[number] === true) continue;
      this.reported[number] = true;
      this.dispatch('zhida-reported', { number });
    }
  }

  private dispatch(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private onKey(event: KeyboardEvent): void {
    const hotkey = parseHotkey(this.hotkey);
    if (hotkey === undefined || this.machine === undefined || !isHotkey(event, hotkey)) return;
    event.preventDefault();
    if (this.machine.state.open) this.machine.collapse();
    else this.machine.open();
  }

  private onFocus(inside: boolean): void {
    this.focusLost?.();
    this.focusLost = inside ? undefined : later(FOCUS_LOST_MS, () => this.machine?.collapse());
  }
}

/** A press nobody has taken yet: leaving the page would lose it. */
function isUndelivered(machine: Machine | undefined): boolean {
  if (machine === undefined) return false;
  const { sessions, manual } = machine.state;
  const isWaiting = manual?.pressed === true && sessions[MANUAL]?.press === undefined;
  return isWaiting || isAt(machine, 'sending', 'undelivered', 'refused');
}

function isAt({ state }: Machine, ...stages: PressProgress['stage'][]): boolean {
  return Object.values(state.sessions).some((session) => session?.press && stages.includes(session.press.stage));
}

/** What a page has set before the element was known is a plain property and would hide the attribute. */
function takeEarlyProperties(element: ZhidaPromptElement): void {
  for (const name of Object.keys(ATTRIBUTES) as (keyof typeof ATTRIBUTES)[]) {
    if (!Object.prototype.hasOwnProperty.call(element, name)) continue;
    const value = element[name];
    delete (element as Partial<Record<typeof name, string>>)[name];
    element[name] = value;
  }
}

/** A sheet of its own passes any content security policy; engines before Chrome 73 take an element with the page's nonce. */
function adoptStyle(root: ShadowRoot): void {
  if (typeof root.adoptedStyleSheets === 'object') {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    return;
  }
  const element: HTMLStyleElement = document.createElement('style');
  const { zhidaNonce } = window as { zhidaNonce?: string };
  if (zhidaNonce !== undefined) element.nonce = zhidaNonce;
  element.textContent = style;
  root.appendChild(element);
}

declare global {
  interface HTMLElementTagNameMap {
    'zhida-prompt': ZhidaPromptElement;
  }
}
