/** What a word does in a sentence, as bits: a word may have several. */
export const WordClass = {
  function: 1,
  number: 1 << 1,
  entity: 1 << 2,
  negator: 1 << 3,
  question: 1 << 4,
  modal: 1 << 5,
  auxiliary: 1 << 6,
  firstPerson: 1 << 7,
  secondPerson: 1 << 8,
  thirdPerson: 1 << 9,
  preposition: 1 << 10,
  conjunction: 1 << 11,
  determiner: 1 << 12,
  comparative: 1 << 13,
  superlative: 1 << 14,
  quantifier: 1 << 15,
  filler: 1 << 16,
  time: 1 << 17,
  evaluative: 1 << 18,
  aspect: 1 << 19,
  symmetric: 1 << 20,
  code: 1 << 21,
  /** The vocabulary of the static model has the word in one piece: hardly a typing error. */
  known: 1 << 22,
  unit: 1 << 23,
  /** A form of address before a name. */
  title: 1 << 24,
} as const;

const { function: fn } = WordClass;

/** Closed classes and small open ones, by hand. A word that is in several lines gets all their bits. */
const CLASSES: readonly (readonly [number, string])[] = [
  [fn | WordClass.negator, 'not no never none nothing nobody nowhere neither nor without hardly barely'],
  [fn | WordClass.question, 'what which who whom whose when where why how'],
  [fn | WordClass.modal, 'can could may might must shall should will would ought'],
  [fn | WordClass.auxiliary, 'be am is are was were been being do does did done have has had having get gets got'],
  [fn | WordClass.firstPerson, 'i me my mine myself we us our ours ourselves'],
  [fn | WordClass.secondPerson, 'you your yours yourself yourselves'],
  [
    fn | WordClass.thirdPerson,
    'he him his himself she her hers herself it its itself they them their theirs themselves one ones',
  ],
  [
    fn | WordClass.preposition,
    `of in on at to from by with for about into onto over under above below between among through during before after since until till
    against toward towards upon within along across behind beyond near off out up down via per like as than except besides despite
    regarding concerning inside outside around`,
  ],
  [fn | WordClass.conjunction, 'and or but if because so though although while whereas whether unless yet then also'],
  [fn | WordClass.determiner, 'a an the this that these those there here'],
  [
    fn | WordClass.quantifier,
    'some any all every each both either many much more most less least few fewer several enough lot lots only other others another else',
  ],
  [
    WordClass.comparative,
    `more less fewer better worse bigger larger smaller higher lower older younger newer faster slower cheaper easier harder longer shorter
    stronger weaker richer poorer taller lighter heavier closer further farther earlier later safer smarter brighter darker hotter colder
    warmer cooler wider thinner deeper greater`,
  ],
  [
    WordClass.superlative,
    `most least fewest best worst biggest largest smallest highest lowest oldest youngest newest fastest slowest cheapest easiest hardest
    longest shortest strongest weakest richest poorest tallest lightest heaviest closest furthest earliest latest safest smartest greatest top`,
  ],
  [
    fn | WordClass.filler,
    `really actually indeed truly literally just basically simply exactly please kindly currently very quite so too even still ever
    certainly definitely honestly possibly generally usually well now anyway thanks thank hi hello hey tell`,
  ],
  [
    WordClass.time,
    `today tomorrow yesterday tonight morning evening afternoon night day week month year decade century hour minute second season spring
    summer autumn fall winter weekend daily weekly monthly yearly annual annually now soon later early late recently always often
    sometimes rarely noon midnight past future before after during am pm`,
  ],
  [
    WordClass.evaluative,
    `good bad best worst better worse great nice easy hard difficult simple fast quick slow cheap expensive free safe dangerous popular famous
    important useful new old big small large high low common rare effective top legal illegal main major minor real fake healthy
    interesting funny beautiful online`,
  ],
  [
    WordClass.aspect,
    `price cost salary review meaning definition difference advantage disadvantage benefit risk reason cause effect symptom treatment cure
    history origin example type kind list number amount age size height weight length speed location address name color colour distance
    population capital purpose function role use way method step process tip rule law requirement fee tax rate score rank ranking quality
    alternative solution answer result consequence impact future past chance probability scope syllabus feature name title author
    summary plot owner founder date time duration deadline status limit`,
  ],
  [
    WordClass.symmetric,
    `married marry dating date engaged sibling cousin friend acquaintance similar same equal equivalent different difference differ
    differentiate distinguish versus vs compare comparison between relationship relation related neighbor neighbour identical parallel
    meet partner and or roommate classmate colleague twin contrast distance adjacent touching near`,
  ],
  [WordClass.title, 'mr mrs ms miss dr prof professor doctor sir madam president'],
  [
    WordClass.unit,
    `percent dollar euro pound rupee yen cent kg g mg lb oz km m cm mm mile foot feet inch inches meter metre litre liter gallon ml gb mb tb kb
    mhz ghz watt volt amp hour minute second day week month year am pm degree celsius fahrenheit kilometer kilogram gram ton mph kmh`,
  ],
];

function collect(): Map<string, number> {
  const classes = new Map<string, number>();
  for (const [bits, words] of CLASSES) {
    for (const word of words.split(/\s+/)) classes.set(word, (classes.get(word) ?? 0) | bits);
  }
  return classes;
}

/** Bits of `WordClass` by lower-cased word. */
export const wordClasses: ReadonlyMap<string, number> = collect();
