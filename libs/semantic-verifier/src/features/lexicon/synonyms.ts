/** Words that in a question mostly stand for the same thing, in groups. Written by hand; stems are compared too. */
const GROUPS = `
american usa; british uk england english; german germany; french france; spanish spain; italian italy; portuguese portugal;
dutch netherlands holland; danish denmark; swedish sweden; norwegian norway; finnish finland; swiss switzerland; polish poland;
czech czechia; greek greece; turkish turkey; russian russia; ukrainian ukraine; chinese china; japanese japan; korean korea; indian india;
pakistani pakistan; thai thailand; vietnamese vietnam; filipino philippines; irish ireland; scottish scotland; welsh wales;
icelandic iceland; brazilian brazil; mexican mexico; canadian canada; australian australia; egyptian egypt; israeli israel; kenyan kenya;
single one 1; double twice 2; couple two 2; once 1; no without; make earn; retrieve recover restore; get obtain acquire receive;
buy purchase; remove delete erase eliminate; improve increase enhance boost better; reduce decrease lower lessen minimize;
begin start commence; finish end complete conclude; stop quit cease; fix repair solve resolve; choose select pick opt; show display;
need require; use utilize employ; help assist aid; try attempt; happen occur; build construct create make develop; produce generate create;
learn study; teach instruct; explain describe clarify elaborate; tell inform; ask inquire; answer respond reply; think believe feel;
guess suppose assume; like love enjoy; hate dislike despise detest; want wish desire; live reside stay dwell; travel journey trip;
visit tour see; walk stroll; look appear seem; big large huge; small little tiny; best greatest top finest; good great nice excellent fine;
bad terrible awful poor; fast quick rapid speedy; quickly fast rapidly; slow sluggish; easy simple effortless;
hard difficult tough challenging; important significant crucial essential vital; beautiful pretty attractive gorgeous;
smart intelligent clever bright; stupid dumb; rich wealthy affluent; poor impoverished; happy glad joyful cheerful; sad unhappy sorrowful;
angry mad furious; scared afraid frightened fearful terrified; brave courageous; calm relaxed; strange weird odd unusual;
famous well-known renowned popular; correct right accurate; wrong incorrect false; true real actual genuine; fake false counterfeit;
entire whole complete full; main primary principal chief major; different distinct various; same identical equal equivalent;
enough sufficient adequate; many numerous several; often frequently; rarely seldom; always constantly;
usually normally generally typically commonly; maybe perhaps possibly; approximately roughly about around; reason cause;
effect impact consequence result influence; way method approach means technique strategy; tip advice suggestion recommendation;
suggest recommend advise propose; advantage benefit pro plus; disadvantage drawback downside con; problem issue trouble difficulty;
purpose aim goal objective; meaning definition significance; mean define signify; example instance; kind type sort; part component piece;
place location spot; job work employment occupation profession career; company firm business corporation; boss manager supervisor;
employee worker staff; money cash; price cost; salary pay wage income; charge fee; cheap inexpensive affordable; expensive costly pricey;
house home residence; apartment flat; car automobile vehicle; movie film; picture image photograph;
telephone mobile phone cellphone smartphone; computer laptop; site website webpage; web internet; mail message;
application program software; mistake error fault; illness disease sickness; sick ill; medicine drug medication; treatment therapy;
treat cure heal; doctor physician; pain ache; weight fat; fat obese overweight; thin slim skinny slender; exercise workout; child kid;
baby infant newborn; man guy male; woman lady female; boyfriend partner; spouse partner;
person people human individual someone somebody anyone anybody; student pupil; teacher instructor professor lecturer; course class;
subject topic; school college; college university; exam test examination; grade mark score; country nation; town city; street road;
law legislation; lawyer attorney; crime offense; murder kill; battle fight; war conflict; win defeat beat; begin initiate;
join enroll register; leave quit depart exit; allow permit let; prevent avoid stop; forbid prohibit ban; keep retain;
hide conceal; find discover locate; lose misplace; search seek look; send transmit deliver; watch see view; hear listen; speak talk;
shout yell scream; large-scale massive; trash garbage rubbish waste; gift present; holiday vacation; autumn fall; sofa couch; taxi cab;
elevator lift; soccer football; gas petrol gasoline fuel; candy sweets; cookie biscuit; shop store; trousers pants; truck lorry;
subway metro underground; movie cinema; author writer; song track; artist painter; founder creator inventor; owner proprietor;
capital headquarters; abroad overseas; foreign overseas; online internet; modern contemporary; ancient old; current present;
future upcoming next; last previous past; prepare ready; crack clear pass; expect anticipate; understand comprehend grasp;
remember recall recollect; forget overlook; agree concur; accept approve; reject refuse decline deny; include contain comprise;
connect link join attach; separate split divide; combine merge unite; compare contrast; differ vary; change alter modify transform;
convert transform turn; replace substitute; copy duplicate clone; save store keep; open launch; close shut; install setup;
configure set setup; update upgrade; check verify confirm; count number; calculate compute; total sum overall; list enumerate name;
maximum highest most top; minimum lowest least; average mean; quantity amount number; available offered offer; taught teach instruct;
prerequisite requirement required; must have; workload work; term semester; summary overview synopsis; summarize condense;
shorten abbreviate; difference distinction; feature characteristic attribute trait quality; function role purpose; method function;
parameter argument; directory folder; file document; bug defect; fast performant; furnish provide supply give; provide offer;
construct build; gather collect; assemble gather; permit enable allow; devote dedicate; specify designate; outline describe;
reward prize award; trust rely; belief faith; religion faith; danger risk hazard; dangerous risky hazardous unsafe; safe secure;
strong powerful; weak feeble; delicious tasty; funny hilarious humorous; boring dull; interesting fascinating;
amazing incredible awesome wonderful; crazy insane mad; lonely alone; tired exhausted; hungry starving; sleepy drowsy; silent quiet;
noisy loud; marry wed; divorce separate; die pass; dead deceased; birth born; grow develop; shrink contract; rise climb; drop fall decline;
raise increase; freeze hang; repair mend; clean wash; cook prepare; eat consume; drink consume; wear dress; sleep rest; dream fantasy;
hurt injure harm damage; broken damaged; destroy ruin demolish; attack assault; protect defend guard; steal rob; cheat deceive;
lie deceive; trick hack; surprising shocking unexpected; thing item object; stuff things; lot many much; bunch group; group team;
kind nice; quick short brief; long lengthy; wide broad; deep profound; near close nearby; far distant; inside within; under below beneath;
over above; behind after; finally eventually; immediately instantly promptly; recently lately; previously before earlier;
currently presently; severe serious extreme; permanent lasting; permanently forever; secretly covertly; completely totally entirely fully;
mainly mostly primarily; firmly strongly; nearly almost; only merely just`;

const groupsByWord = new Map<string, number[]>();
for (const [index, line] of GROUPS.split(';').entries()) {
  for (const word of line.trim().split(/\s+/)) {
    const known = groupsByWord.get(word);
    if (known) known.push(index);
    else groupsByWord.set(word, [index]);
  }
}

/** Whether two words (as they are or as stems) are in one group of synonyms. */
export function areSynonyms(a: string, b: string): boolean {
  const groupsOfB = groupsByWord.get(b);
  return groupsOfB !== undefined && (groupsByWord.get(a)?.some((group) => groupsOfB.includes(group)) ?? false);
}
