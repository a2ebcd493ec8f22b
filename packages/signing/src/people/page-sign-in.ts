import { type Html, html, pickScreenLocale, type ScreenLocale, screenLocaleOf, ZhidaError } from '@zhida/core';
import { cookieValue, LOCALE_COOKIE, SESSION_COOKIE, setCookie } from './cookies.js';
import type { Officer } from './officers.js';
import type { Sessions } from './sessions.js';

const LOCALE_SECONDS = 365 * 24 * 3600;

/** Who looks, and the token that proves that a form came from a page of ours. */
export interface Viewer {
  readonly officer: Officer;
  readonly formToken: string;
}

/** The hidden field that every form of a page carries. */
export function formTokenField(viewer: Viewer): Html {
  return html`<input type="hidden" name="formToken" value="${viewer.formToken}">`;
}

/** What of a request is looked at; a request of Fastify is one. */
export interface PageRequest {
  readonly headers: {
    readonly cookie?: string | undefined;
    readonly origin?: string | undefined;
    readonly 'accept-language'?: string | undefined;
  };
  readonly host: string;
  readonly protocol: string;
}

/** How people sign in to the pages of a party and act there. What is called a cookie is the value of a `Set-Cookie`. */
export interface PageSignIn {
  viewer(request: PageRequest): Promise<Viewer | undefined>;
  /** Who acts by a form: signed in, and the form came from a page of this session. @throws ZhidaError `ZD_ERR_TOKEN_INVALID` */
  actingViewer(request: PageRequest, form: URLSearchParams): Promise<Viewer>;
  /** True where somebody was signed in, so that a sign-in page says that it has ended. */
  hadSession(request: PageRequest): boolean;
  sessionCookie(request: PageRequest, officer: Officer): string;
  endingCookie(request: PageRequest): string;
  /** Picks the language; the cookie keeps one that the address asked for. */
  locale(request: PageRequest, asked: unknown): { readonly locale: ScreenLocale; readonly cookie: string | undefined };
}

/** Signs people in to the pages under `path`; `seconds` is how long a session lasts. */
export function createPageSignIn(
  sessions: Sessions,
  { path, seconds: sessionSeconds }: { readonly path: string; readonly seconds: number },
): PageSignIn {
  const cookie = ({ protocol }: PageRequest, name: string, value: string, seconds: number): string =>
    setCookie(name, value, { path, seconds, secure: protocol === 'https' });
  const tokenIn = ({ headers }: PageRequest): string | undefined => cookieValue(headers.cookie, SESSION_COOKIE);
  async function viewer(request: PageRequest): Promise<Viewer | undefined> {
    const token = tokenIn(request);
    const officer = await sessions.read(token);
    return officer === undefined || token === undefined ? undefined : { officer, formToken: sessions.formToken(token) };
  }
  return {
    viewer,
    async actingViewer(request, form) {
      const found = await viewer(request);
      if (found === undefined || form.get('formToken') !== found.formToken) {
        throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'the form is not of this session', { at: 'formToken' });
      }
      return found;
    },
    hadSession: (request) => tokenIn(request) !== undefined,
    sessionCookie: (request, officer) => cookie(request, SESSION_COOKIE, sessions.issue(officer).token, sessionSeconds),
    endingCookie: (request) => cookie(request, SESSION_COOKIE, '', 0),
    locale(request, tag) {
      const { headers } = request;
      const asked = screenLocaleOf(tag);
      return {
        locale: pickScreenLocale(asked, cookieValue(headers.cookie, LOCALE_COOKIE), headers['accept-language']),
        cookie: asked === undefined ? undefined : cookie(request, LOCALE_COOKIE, asked, LOCALE_SECONDS),
      };
    },
  };
}

/** A sign-in form has no session to be bound to; the browser itself says where it came from. @throws ZhidaError `ZD_ERR_TOKEN_INVALID` */
export function requireOwnOrigin({ headers, host }: PageRequest): void {
  const { origin } = headers;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== host) {
    throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'the form came from another site', { at: 'origin' });
  }
}
