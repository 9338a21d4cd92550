const PAIRS = `
good bad;best worst;better worse;big small;large small;large little;high low;higher lower;highest lowest;tall short;long short;longer shorter;
longest shortest;fast slow;faster slower;fastest slowest;quick slow;easy hard;easy difficult;easier harder;easiest hardest;simple complex;
simple complicated;cheap expensive;cheaper pricier;cheapest costliest;rich poor;richest poorest;strong weak;stronger weaker;strongest weakest;
hot cold;warm cool;hotter colder;wet dry;light dark;light heavy;lighter heavier;lightest heaviest;bright dim;early late;earlier later;
earliest latest;old new;old young;older younger;oldest youngest;oldest newest;ancient modern;more less;more fewer;most least;most fewest;many few;
much little;maximum minimum;max min;major minor;majority minority;increase decrease;increase reduce;raise lower;rise fall;grow shrink;gain lose;
win lose;winner loser;buy sell;bought sold;buyer seller;lend borrow;give take;give receive;send receive;push pull;open close;opened closed;
start stop;start end;start finish;begin end;first last;enter exit;enter leave;arrive leave;arrive depart;arrival departure;come go;
before after;above below;over under;up down;upper lower;top bottom;left right;front back;forward backward;inside outside;in out;
into out;near far;closer farther;north south;east west;northern southern;eastern western;import export;upload download;encrypt decrypt;
encode decode;compress decompress;install uninstall;enable disable;activate deactivate;lock unlock;block unblock;follow unfollow;mount unmount;
connect disconnect;attach detach;include exclude;accept reject;accept refuse;allow forbid;allow prevent;allow prohibit;permit forbid;approve reject;
approve deny;grant deny;agree disagree;like dislike;love hate;love loathe;admire despise;trust distrust;believe doubt;remember forget;
learn forget;teach learn;ask answer;question answer;create destroy;create delete;build destroy;add remove;add subtract;add delete;
insert delete;plus minus;multiply divide;positive negative;true false;right wrong;largest smallest;larger smaller;biggest smallest;bigger smaller;1st last;home away;on off;smaller greater;less greater;more lesser;allow ban;inner outer;long brief;correct incorrect;correct wrong;legal illegal;lawful unlawful;moral immoral;
ethical unethical;possible impossible;likely unlikely;certain uncertain;sure unsure;happy sad;happy unhappy;glad sad;healthy unhealthy;healthy sick;
healthy ill;safe unsafe;safe dangerous;safe risky;secure insecure;friend enemy;friendly hostile;friendly unfriendly;ally enemy;alive dead;live die;
life death;birth death;born died;male female;man woman;men women;boy girl;boys girls;husband wife;father mother;dad mom;brother sister;son daughter;
uncle aunt;king queen;actor actress;he she;him her;his her;mr mrs;day night;morning evening;am pm;today tomorrow;today yesterday;
tomorrow yesterday;past future;previous next;last next;always never;often rarely;often seldom;frequently rarely;everyone nobody;everybody nobody;
everything nothing;everywhere nowhere;all none;some none;both neither;for against;pro anti;advantage disadvantage;
advantages disadvantages;pros cons;benefit drawback;benefit harm;strength weakness;profit loss;success failure;succeed fail;pass fail;passed failed;
attack defend;attack defense;offensive defensive;offense defense;war peace;public private;public secret;internal external;interior exterior;
indoor outdoor;indoors outdoors;domestic foreign;domestic international;local global;local remote;urban rural;native foreign;natural artificial;real fake;genuine fake;
original copy;permanent temporary;temporary lasting;full empty;fill empty;whole partial;complete incomplete;visible invisible;show hide;reveal hide;
reveal conceal;known unknown;famous unknown;popular unpopular;common rare;common uncommon;usual unusual;normal abnormal;regular irregular;
formal informal;polite rude;kind cruel;kind mean;generous stingy;brave cowardly;brave afraid;courageous fearful;confident shy;confident insecure;
proud ashamed;humble arrogant;modest arrogant;honest dishonest;loyal disloyal;loyal unfaithful;faithful unfaithful;fair unfair;equal unequal;
patient impatient;mature immature;responsible irresponsible;careful careless;active passive;active inactive;active lazy;hardworking lazy;busy idle;
smart stupid;smart dumb;intelligent stupid;clever foolish;wise foolish;educated ignorant;optimistic pessimistic;optimist pessimist;introvert extrovert;
introverted extroverted;outgoing shy;outgoing reserved;calm anxious;calm nervous;relaxed tense;relaxed stressed;emotional unemotional;rational irrational;logical illogical;
reasonable unreasonable;sane insane;conscious unconscious;aware unaware;awake asleep;sober drunk;clean dirty;pure impure;tidy messy;
organized disorganized;beautiful ugly;pretty ugly;attractive unattractive;fat thin;fat skinny;thick thin;wide narrow;broad narrow;deep shallow;
sharp blunt;sharp dull;smooth rough;soft hard;soft loud;quiet loud;quiet noisy;silent noisy;tight loose;straight curved;straight crooked;
flexible rigid;flexible inflexible;solid liquid;sweet sour;sweet bitter;fresh stale;fresh rotten;raw cooked;useful useless;helpful unhelpful;
helpful harmful;harmless harmful;effective ineffective;efficient inefficient;productive unproductive;reliable unreliable;stable unstable;dependent independent;
conservative liberal;conservative progressive;liberal strict;strict lenient;democrat republican;democrats republicans;left-wing right-wing;
guilty innocent;prosecute defend;married single;married divorced;employed unemployed;hire fire;employer employee;landlord tenant;
teacher student;doctor patient;parent child;master slave;victor victim;hero villain;predator prey;cause effect;cause prevent;cause cure;
problem solution;supply demand;input output;read write;client server;frontend backend;hardware software;online offline;synchronous asynchronous;
sync async;static dynamic;manual automatic;manually automatically;analog digital;serial parallel;single multiple;singular plural;odd even;
horizontal vertical;clockwise counterclockwise;ascending descending;ascend descend;inhale exhale;expand contract;stretch shrink;float sink;
freeze melt;boil freeze;heat cool;evaporate condense;sunrise sunset;summer winter;spring autumn;dawn dusk;asset liability;assets liabilities;
credit debit;debt credit;deposit withdraw;deposit withdrawal;save spend;save waste;save delete;income expense;revenue cost;gross net;
wholesale retail;bull bear;bullish bearish;inflation deflation;appreciate depreciate;encourage discourage;motivate demotivate;praise criticize;
support oppose;supporter opponent;respect disrespect;obey disobey;join leave;join quit;stay leave;stay go;continue stop;continue quit;
keep discard;keep lose;find lose;hit miss;catch miss;catch throw;reward punish;reward punishment;help hinder;help hurt;heal hurt;heal harm;
protect harm;protect endanger;attract repel;obvious subtle;obvious obscure;clear unclear;clear vague;clear cloudy;specific general;
specific vague;abstract concrete;theory practice;theoretical practical;quality quantity;quantitative qualitative;objective subjective;
relative absolute;primary secondary;junior senior;superior inferior;upstream downstream;ascent descent;front rear;head tail;upstairs downstairs;
awesome awful;wonderful terrible;excellent terrible;excellent poor;great terrible;pleasant unpleasant;comfortable uncomfortable;
convenient inconvenient;fortunate unfortunate;lucky unlucky;hopeful hopeless;grateful ungrateful;satisfied dissatisfied;pleased displeased;
interesting boring;exciting boring;interested bored;funny serious;serious playful;sensitive insensitive;selfish selfless;selfish generous;selfish unselfish;
greedy generous;violent peaceful;aggressive peaceful;aggressive passive;abusive caring;tolerant intolerant;open-minded narrow-minded;creative uncreative;
talented untalented;skilled unskilled;experienced inexperienced;expert beginner;professional amateur;qualified unqualified;prepared unprepared;
willing unwilling;able unable;capable incapable;sufficient insufficient;adequate inadequate;necessary unnecessary;required optional;mandatory optional;
compulsory optional;relevant irrelevant;important unimportant;significant insignificant;valid invalid;legitimate illegitimate;eligible ineligible;
available unavailable;accessible inaccessible;present absent;presence absence;vegetarian carnivore;religious secular;theist atheist;sacred profane;
heaven hell;angel devil;blessing curse;virtue vice;hypo hyper;micro macro;ascii binary;vice virtue;smoker nonsmoker;hypothermia hyperthermia;
overweight underweight;overestimate underestimate;overrated underrated;understand misunderstand;appear disappear;cover uncover;wrap unwrap;
pack unpack;load unload;dress undress;tie untie;fold unfold;do undo;plug unplug;subscribe unsubscribe;register unregister;qualify disqualify;
infect disinfect;obtain lose;inclusive exclusive;voluntary involuntary;lead follow;leader follower;guest host;speaker listener;writer reader;
sender receiver;sender recipient;donor recipient;mortal immortal;finite infinite;limited unlimited;bounded unbounded;conventional unconventional;
typical atypical;symmetric asymmetric;linear nonlinear;direct indirect;explicit implicit;transparent opaque;voter candidate`;

const REVERSED = new Map<string, Set<string>>();
for (const pair of PAIRS.split(';')) {
  const [a, b] = pair.trim().split(' ');
  if (!a || !b) continue;
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const known = REVERSED.get(from);
    if (known) known.add(to);
    else REVERSED.set(from, new Set([to]));
  }
}

const NEGATING_PREFIXES = ['de', 'un', 'in', 'im', 'ir', 'il', 'dis', 'non', 'mis', 'anti'];

/** Whether two lower-cased words say the opposite of one another: by the list, or by a negating prefix ("able", "unable"). */
export function areAntonyms(a: string, b: string): boolean {
  if (REVERSED.get(a)?.has(b)) return true;
  const [long, short] = a.length > b.length ? [a, b] : [b, a];
  if (short.length < 4 || long.length > short.length + 4 || !long.endsWith(short)) return false;
  return NEGATING_PREFIXES.includes(long.slice(0, long.length - short.length));
}
