import iconv from 'iconv-lite';

/** A text in GB18030 (GB 18030-2022), which older Chinese systems send and Node does not write. */
export function gb18030(text: string): Buffer {
  return iconv.encode(text, 'gb18030');
}
