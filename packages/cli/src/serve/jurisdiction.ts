import { readFile } from 'node:fs/promises';
import { ZhidaError } from '@zhida/core';
import { type JurisdictionProfile, sampleCountyProfile } from '@zhida/packs';

/** The invented county, for trials. */
const SAMPLE = 'sample-county';

/** Reads a jurisdiction profile; what it says is checked by the service that runs by it. @throws ZhidaError `ZD_ERR_OPTION_INVALID` */
export async function readProfile(written: string, path: (written: string) => string, at: string): Promise<JurisdictionProfile> {
  if (written === SAMPLE) return sampleCountyProfile;
  try {
    const profile: unknown = JSON.parse(await readFile(path(written), 'utf8'));
    if (isProfile(profile)) return profile;
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the profile it names cannot be read as JSON', { at, cause });
  }
  throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the file it names is no profile: id, regionCode, hospitalIndex or recipients is missing', {
    at,
  });
}

function isProfile(value: unknown): value is JurisdictionProfile {
  const profile = value as Partial<JurisdictionProfile> | null;
  return (
    typeof profile?.id === 'string' &&
    typeof profile.regionCode === 'string' &&
    typeof profile.hospitalIndex === 'object' &&
    Array.isArray(profile.recipients)
  );
}
