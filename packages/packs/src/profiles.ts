import type { JurisdictionProfile } from './profile.js';
import national from './national/profile.data.json' with { type: 'json' };
import sampleCounty from './sample-county/profile.data.json' with { type: 'json' };

/** What holds everywhere: the ladder. It names no recipient, so that no relay can run on it alone. */
export const nationalProfile: JurisdictionProfile = national as unknown as JurisdictionProfile;

/** 云溪县, which does not exist: one county hospital, its police and its civil affairs bureau. Every name and number is invented. */
export const sampleCountyProfile: JurisdictionProfile = sampleCounty as unknown as JurisdictionProfile;
