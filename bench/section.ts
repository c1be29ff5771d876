/** One table of figures. */
export interface Section {
  title: string;
  /** What is compared with what, and what is aimed at. */
  about: string;
  head: string[];
  rows: string[][];
}

/** Why a benchmark cannot run here. What it has measured elsewhere stays. */
export interface Skipped {
  skipped: string;
}

export type Outcome = Section | Skipped;
