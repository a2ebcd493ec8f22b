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

/** A cookie no script can read and no other site can send. `Secure` whenever the page came over TLS. */
export function setCookie(name: string, value: string, options: { readonly seconds: number; readonly secure: boolean }): string {
  const secure = options.secure ? '; Secure' : '';
  return `${name}=${value}; Path=/inbox; Max-Age=${options.seconds}; HttpOnly; SameSite=Strict${secure}`;
}
