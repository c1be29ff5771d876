/** One table of figures. */
export interface Section {
  title: string;
  /** What is compared with what, and what is aimed at. */
  about: string;
  head: string[];
  rows: string[][];
}
