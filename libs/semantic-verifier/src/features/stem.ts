const IRREGULAR = new Map(
  `am be;is be;are be;was be;were be;been be;being be;has have;had have;having have;does do;did do;done do;doing do;went go;gone go;goes go;
going go;made make;bought buy;brought bring;thought think;taught teach;caught catch;sold sell;told tell;said say;paid pay;got get;gotten get;
gave give;given give;took take;taken take;wrote write;written write;spoke speak;spoken speak;broke break;broken break;chose choose;
chosen choose;drove drive;driven drive;ate eat;eaten eat;fell fall;fallen fall;felt feel;found find;flew fly;flown fly;forgot forget;
forgotten forget;grew grow;grown grow;heard hear;held hold;kept keep;knew know;known know;led lead;left leave;lost lose;met meet;
ran run;saw see;seen see;sent send;slept sleep;spent spend;stood stand;stolen steal;stole steal;swam swim;threw throw;thrown throw;
understood understand;woke wake;won win;wore wear;worn wear;became become;began begin;begun begin;built build;came come;
children child;people person;men man;women woman;feet foot;teeth tooth;mice mouse;wives wife;lives life;knives knife;leaves leaf;
died die;dying die;lying lie;tying tie;dies die;lies lie;ties tie;series series;species species;news news;physics physics;
analyses analysis;criteria criterion;data data;this this;its its;his his;thus thus;always always;bus bus;does do;during during;
thing thing;something something;anything anything;nothing nothing;everything everything;king king;ring ring;bring bring;sing sing;spring spring;
string string;evening evening;morning morning;wedding wedding;need need;speed speed;feed feed;seed seed;bed bed;red red;hundred hundred`
    .split(/[;\n]+/)
    .map((pair) => pair.trim().split(' '))
    .filter((pair): pair is [string, string] => pair.length === 2),
);

const VOWEL = /[aeiouy]/;

/** "stopp" → "stop", "us" + e stays as it is: what remains once an ending of -ing or -ed is gone. */
function withoutDoubling(stem: string): string {
  const last = stem.charAt(stem.length - 1);
  if (stem.length > 3 && last === stem.charAt(stem.length - 2) && !'lsz'.includes(last)) return stem.slice(0, -1);
  return stem;
}

function withoutFinalE(word: string): string {
  return word.length > 3 && word.endsWith('e') ? word.slice(0, -1) : word;
}

function withoutPlural(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

/** A light stem of a lower-cased English word: number of nouns, forms of verbs. It never changes the part of speech. */
export function stem(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length < 4) return word;
  if (word.length > 5 && word.endsWith('ing') && VOWEL.test(word.slice(0, -3)))
    return withoutFinalE(withoutDoubling(word.slice(0, -3)));
  if (word.length > 4 && word.endsWith('ied')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && word.endsWith('ed') && VOWEL.test(word.slice(0, -2)))
    return withoutFinalE(withoutDoubling(word.slice(0, -2)));
  return withoutFinalE(withoutPlural(word));
}
