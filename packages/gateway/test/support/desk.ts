import { addOfficer } from '@zhida/signing';
import type { LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import type { Fixture } from './fixture.js';

/** A person at the desk: what a browser keeps, and the token of their forms. */
export interface Person {
  get(path: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  post(path: string, fields?: Record<string, string>): Promise<LightMyRequestResponse>;
}

/** The duty desk of a fixture's gateway, with two people who may sign in: `Z001`, and `Z002` whom the HIS knows as a clinician too. */
export interface Desk {
  form(path: string, fields: Record<string, string>, cookie?: string): Promise<LightMyRequestResponse>;
  signedIn(id?: string): Promise<Person>;
}

export async function deskOf(fixture: Fixture): Promise<Desk> {
  const codes = new Map<string, string>();
  for (const officer of [
    { id: 'Z001', name: '王值班' },
    { id: 'Z002', name: '赵值班', account: 'D1001' },
  ]) {
    codes.set(officer.id, (await addOfficer(fixture.parties.gateway.directory, officer)).code);
  }

  const form: Desk['form'] = async (path, fields, cookie = '') =>
    fixture.gateway.app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...(cookie === '' ? {} : { cookie }) },
      payload: new URLSearchParams(fields).toString(),
    });

  return {
    form,
    async signedIn(id = 'Z001') {
      const answer = await form('/duty/sign-in', { officer: id, code: codes.get(id) ?? '' });
      expect([answer.statusCode, answer.headers.location]).toEqual([303, '/duty']);
      const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
      const get: Person['get'] = (path, headers = {}) =>
        fixture.gateway.app.inject({ method: 'GET', url: path, headers: { cookie, ...headers } });
      const formToken = /name="formToken" value="([^"]+)"/.exec((await get('/duty/handover')).body)?.[1] ?? '';
      return { get, post: (path, fields = {}) => form(path, { formToken, ...fields }, cookie) };
    },
  };
}

/** What a person reads of a page. */
export function textOf(body: string): string {
  return body.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
}
