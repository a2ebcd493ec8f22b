import type { GatewayFacility } from '@zhida/gateway';
import { sampleCountyProfile } from '@zhida/packs';

/** The invented county hospital of the sample profile. */
export const DEMO_HOSPITAL: GatewayFacility = {
  code: Object.keys(sampleCountyProfile.hospitalIndex)[0] ?? '',
  name: '云溪县人民医院',
  regionCode: sampleCountyProfile.regionCode,
  address: '云溪县城关镇人民路1号',
  dutyContact: { title: '总值班', phone: '0000-5550100' },
  securityContact: { phone: '0000-5550119' },
  advisers: [
    { kind: 'safeguarding', name: '保护专员', phone: '0000-5550120' },
    { kind: 'senior-hospital', name: '市儿童医院儿科二线', phone: '0000-6660200' },
  ],
};
