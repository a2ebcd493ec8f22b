import { connectMllp, type MllpClient } from '@zhida/hl7v2/mllp';
import type { Chart, FeedName } from './chart.js';
import type { FhirStore } from './fhir-store.js';
import type { GatewayClient } from './gateway.js';
import { resourcesOfChart } from './outbound/fhir.js';
import { type Dialect, messagesOfChart, NEW_ENGINE, OLD_ENGINE } from './outbound/hl7v2.js';
import { dropRows } from './outbound/rows.js';
import { type ChartEvent, snapshotOfChart } from './outbound/snapshot.js';

/** The roads on which charts leave this HIS, one per interface the hospital has. */
export interface Channels {
  /** Sends what charts say now; resolves with the number of messages when the other end has taken them. */
  send(feed: FeedName, charts: readonly Chart[], event: ChartEvent): Promise<number>;
  close(): void;
}

export interface ChannelDeps {
  readonly gateway: GatewayClient;
  /** The gateway's doors for the two message engines. */
  readonly mllp: { readonly host: string; readonly gb18030: number; readonly utf8: number };
  readonly fhir: FhirStore;
  /** Where the branch's export puts its files. */
  readonly dropFolder: string;
}

export function createChannels({ gateway, mllp, fhir, dropFolder }: ChannelDeps): Channels {
  const lines = new Map<Dialect, MllpClient>();
  const overMllp = async (charts: readonly Chart[], dialect: Dialect, port: number): Promise<number> => {
    const line = lines.get(dialect) ?? (await connectMllp({ host: mllp.host, port }));
    lines.set(dialect, line);
    try {
      // One message at a time, each acknowledged: the listener commits before it answers.
      const messages = charts.flatMap((chart) => messagesOfChart(chart, dialect));
      for (const { bytes } of messages) await line.send(bytes);
      return messages.length;
    } catch (error) {
      lines.delete(dialect);
      line.close();
      throw error;
    }
  };
  const roads: Readonly<Record<FeedName, (charts: readonly Chart[], event: ChartEvent) => Promise<number>>> = {
    async snapshot(charts, event) {
      for (const chart of charts) await gateway.postSnapshot(snapshotOfChart(chart, event));
      return charts.length;
    },
    'hl7v2-gb18030': (charts) => overMllp(charts, OLD_ENGINE, mllp.gb18030),
    'hl7v2-utf8': (charts) => overMllp(charts, NEW_ENGINE, mllp.utf8),
    async fhir(charts) {
      for (const chart of charts) fhir.put(resourcesOfChart(chart));
      return charts.length;
    },
    rows: (charts) => dropRows(dropFolder, charts),
  };
  return {
    send: (feed, charts, event) => roads[feed](charts, event),
    close() {
      for (const line of lines.values()) line.close();
    },
  };
}
