import type { ReactElement } from "react";

/** Illustrations of 200 by 150 units, each with the colour of its background. */
const PICTURES: Record<string, [background: string, drawing: ReactElement]> = {
  mug: [
    "#dbe9ee",
    <>
      <path d="M132 66h12a15 15 0 0 1 0 32h-14" fill="none" stroke="#2f6f86" strokeWidth="8" />
      <path d="M70 50h64v48a16 16 0 0 1-16 16H86a16 16 0 0 1-16-16z" fill="#3f8aa3" />
      <path d="M70 50h64v14H70z" fill="#2f6f86" />
      <path d="M90 38c-5-6 5-9 0-16M110 38c-5-6 5-9 0-16" fill="none" stroke="#9dbcc7" strokeWidth="4" strokeLinecap="round" />
    </>,
  ],
  moka: [
    "#efe4da",
    <>
      <path d="M76 62h48l-6 16H82z" fill="#8d949b" />
      <path d="M82 78h36l8 40H74z" fill="#aab1b7" />
      <path d="M74 40h52l-4 22H78z" fill="#c3c9ce" />
      <path d="M78 40l22-12 22 12z" fill="#8d949b" />
      <circle cx="100" cy="25" r="5" fill="#3b2f2a" />
      <path d="M125 44h16l-6 34" fill="none" stroke="#3b2f2a" strokeWidth="8" strokeLinecap="round" strokeLinejoin="round" />
      <path d="M75 44 62 38l14 18z" fill="#c3c9ce" />
    </>,
  ],
  board: [
    "#f1e8d6",
    <>
      <rect x="44" y="46" width="96" height="62" rx="14" fill="#c58f57" />
      <rect x="134" y="68" width="36" height="18" rx="9" fill="#c58f57" />
      <circle cx="160" cy="77" r="4" fill="#f1e8d6" />
      <path d="M56 62h70M56 78h66M56 94h70" stroke="#ab763f" strokeWidth="3" strokeLinecap="round" />
    </>,
  ],
  towel: [
    "#e7ece0",
    <>
      <path d="M50 34h100" stroke="#8b6f4e" strokeWidth="6" strokeLinecap="round" />
      <path d="M68 34h64v82H68z" fill="#f8f5ec" />
      <path d="M68 92h64M68 102h64" stroke="#b4593f" strokeWidth="4" />
      <path d="M84 34v82M116 34v82" stroke="#e4ddca" strokeWidth="3" />
    </>,
  ],
  lamp: [
    "#f5e7cf",
    <>
      <path d="M78 118V84l34-34" fill="none" stroke="#2c3a40" strokeWidth="6" strokeLinejoin="round" />
      <ellipse cx="78" cy="118" rx="26" ry="7" fill="#2c3a40" />
      <path d="m100 38 26 26 14-2 0-14-26-24z" fill="#d2703c" />
      <path d="m128 66-14 46h50l-22-48z" fill="#fbd98b" opacity=".65" />
      <circle cx="78" cy="84" r="5" fill="#d2703c" />
    </>,
  ],
  notebook: [
    "#e5e3ee",
    <>
      <rect x="68" y="30" width="70" height="92" rx="7" fill="#57568a" />
      <path d="M68 37a7 7 0 0 1 7-7h7v92h-7a7 7 0 0 1-7-7z" fill="#43426d" />
      <rect x="94" y="50" width="32" height="16" rx="3" fill="#e5e3ee" />
      <path d="M126 30v92" stroke="#e0a458" strokeWidth="4" />
    </>,
  ],
  pen: [
    "#efe9dc",
    <>
      <g transform="rotate(-38 100 75)">
        <rect x="48" y="67" width="84" height="16" rx="5" fill="#c79a45" />
        <path d="m132 67 26 8-26 8z" fill="#8a6826" />
        <rect x="56" y="62" width="36" height="5" rx="2.5" fill="#8a6826" />
        <path d="M98 67v16" stroke="#8a6826" strokeWidth="3" />
      </g>
      <path d="M56 124c22-10 44 8 88-4" fill="none" stroke="#5d6a70" strokeWidth="3" strokeLinecap="round" />
    </>,
  ],
  clock: [
    "#dfe8e2",
    <>
      <circle cx="100" cy="75" r="46" fill="#d9b382" />
      <circle cx="100" cy="75" r="38" fill="#fbf8f1" />
      <path d="M100 43v6M100 101v6M68 75h6M126 75h6" stroke="#4a4a45" strokeWidth="4" strokeLinecap="round" />
      <path d="M100 75V53M100 75l16 10" stroke="#26302f" strokeWidth="5" strokeLinecap="round" />
      <circle cx="100" cy="75" r="4" fill="#b4593f" />
    </>,
  ],
  throw: [
    "#ece2e2",
    <>
      <path d="M52 58c0-8 6-14 14-14h68c8 0 14 6 14 14v36H52z" fill="#a2616a" />
      <path d="M52 76h96v24H52z" fill="#8a4d57" />
      <path d="M60 54l10 10 10-10 10 10 10-10 10 10 10-10 10 10 10-10" fill="none" stroke="#d3a3a8" strokeWidth="4" />
      <path d="M58 100v12M72 100v12M86 100v12M100 100v12M114 100v12M128 100v12M142 100v12" stroke="#8a4d57" strokeWidth="4" />
    </>,
  ],
  plant: [
    "#e1ecda",
    <>
      <path d="M100 84C98 56 84 44 62 42c2 22 14 36 38 42zM100 84c2-30 16-44 42-46-2 26-16 40-42 46z" fill="#4f8a56" />
      <path d="M100 84c-8-20-6-40 2-58 12 18 12 38-2 58z" fill="#3b7043" />
      <path d="M74 84h52l-7 36H81z" fill="#c8774f" />
      <path d="M70 80h60v12H70z" fill="#b16440" />
    </>,
  ],
  backpack: [
    "#dde6e4",
    <>
      <path d="M84 36c0-16 32-16 32 0" fill="none" stroke="#6b4a2f" strokeWidth="6" />
      <path d="M64 64c0-20 14-30 36-30s36 10 36 30v44a12 12 0 0 1-12 12H76a12 12 0 0 1-12-12z" fill="#4e6b5a" />
      <path d="M64 60c4-18 16-26 36-26s32 8 36 26v12H64z" fill="#3d5647" />
      <rect x="76" y="82" width="48" height="28" rx="6" fill="#5f8070" />
      <path d="M86 66v22M114 66v22" stroke="#c08d52" strokeWidth="6" />
    </>,
  ],
  bottle: [
    "#dfe6f0",
    <>
      <rect x="86" y="20" width="28" height="18" rx="5" fill="#26343f" />
      <path d="M84 40h32c8 8 10 14 10 24v50a10 10 0 0 1-10 10H84a10 10 0 0 1-10-10V64c0-10 2-16 10-24z" fill="#5b7fa6" />
      <path d="M74 82h52v18H74z" fill="#46658a" />
      <path d="M84 58v58" stroke="#8fabca" strokeWidth="5" strokeLinecap="round" />
    </>,
  ],
  gift: [
    "#f3e2dc",
    <>
      <rect x="46" y="44" width="108" height="68" rx="9" fill="#b4533f" />
      <path d="M46 70h108v12H46z" fill="#f3d9a4" />
      <path d="M82 44v68" stroke="#f3d9a4" strokeWidth="12" />
      <path d="M82 62c-22-6-24-28-8-28 10 0 8 16 8 28zm0 0c22-6 24-28 8-28-10 0-8 16-8 28z" fill="#fbeed2" stroke="#d9b26a" strokeWidth="3" />
    </>,
  ],
};

const PLAIN: [string, ReactElement] = ["#e6e4dd", <circle cx="100" cy="75" r="34" fill="#b9b4a6" />];

/** Decoration: the product's name stands beside it. */
export function Art({ name }: { name: string }) {
  const [background, drawing] = PICTURES[name] ?? PLAIN;
  return (
    <svg className="art" viewBox="0 0 200 150" aria-hidden="true">
      <rect width="200" height="150" fill={background} />
      <ellipse cx="100" cy="126" rx="58" ry="6" fill="#000" opacity=".07" />
      {drawing}
    </svg>
  );
}
