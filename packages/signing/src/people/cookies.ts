export const SESSION_COOKIE = 'zhida_officer';
export const LOCALE_COOKIE = 'zhida_lang';

/** The value of one cookie (RFC 6265 §5.4); the first one of a name counts. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [key, ...value] = part.split('=');
    if (key?.trim() === name) return value.join('=').trim();
  }
  return undefined;
}

/** Where a cookie goes and for how long. */
export interface CookieOptions {
  /** The pages it is sent to. */
  readonly path: string;
  readonly seconds: number;
  readonly secure: boolean;
}

/** A cookie no script can read and no other site can send. `Secure` whenever the page came over TLS. */
export function setCookie(name: string, value: string, options: CookieOptions): string {
  const secure = options.secure ? '; Secure' : '';
  return `${name}=${value}; Path=${options.path}; Max-Age=${options.seconds}; HttpOnly; SameSite=Strict${secure}`;
}
