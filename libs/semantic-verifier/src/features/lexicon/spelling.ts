function table(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/[\n;]+/).flatMap((entry): [string, string][] => {
      const [from, to] = entry.split('=');
      return from && to ? [[from.trim(), to.trim()]] : [];
    }),
  );
}

/** Contractions by the part after the apostrophe; `n't` is cut off first. */
export const contractionTails: ReadonlyMap<string, string> = table('re=are;ve=have;ll=will;d=would;m=am');

/** Words after which `'s` stands for "is" and not for possession. */
export const takesIs: ReadonlySet<string> = new Set(
  'what who where when why how which that it he she there here this let'.split(' '),
);

/** Contractions that do not follow the rule, and how they are said in full. */
export const contractions: ReadonlyMap<string, string> = table(
  `can't=can not;won't=will not;shan't=shall not;cannot=can not;ain't=is not;let's=let us;cant=can not;dont=do not;doesnt=does not;
didnt=did not;isnt=is not;arent=are not;wasnt=was not;wont=will not;havent=have not;hasnt=has not;wouldnt=would not;couldnt=could not;
shouldnt=should not;im=i am;ive=i have;whats=what is;hows=how is;wheres=where is;whos=who is;thats=that is;gonna=going to;wanna=want to;
gotta=got to;i'd=i would;y'all=you all`,
);

/** Short or other ways to write the same word. Only what is unambiguous in lower case. */
export const variants: ReadonlyMap<string, string> = table(
  `uae=united arab emirates;nyc=new york;america=usa;britain=uk;grandma=grandmother;granny=grandmother;grandpa=grandfather;daddy=dad;mommy=mom;mount=mt;saint=st;intro=introduction;tv=television;u=you;ur=your;r=are;
pls=please;plz=please;thx=thanks;ok=okay;info=information;app=application;apps=applications;pc=computer;tv=television;
bike=bicycle;phone=telephone;cellphone=mobile phone;smartphone=mobile phone;photo=picture;pic=picture;pics=pictures;photos=pictures;
exam=examination;exams=examinations;lab=laboratory;labs=laboratories;math=mathematics;maths=mathematics;prof=professor;dr=doctor;
vs=versus;v=versus;fb=facebook;yt=youtube;insta=instagram;govt=government;dept=department;approx=approximately;avg=average;
max=maximum;min=minimum;univ=university;uni=university;undergrad=undergraduate;undergrads=undergraduates;grad=graduate;temp=temperature;
fridge=refrigerator;gym=gymnasium;ad=advertisement;ads=advertisements;vegs=vegetables;veggies=vegetables;lbs=pound;lb=pound;kgs=kg;
yrs=years;yr=year;hrs=hours;hr=hour;mins=minutes;secs=seconds;km=kilometer;kilometre=kilometer;kms=kilometer;rs=rupee;inr=rupee;
usd=dollar;doc=document;docs=documents;config=configuration;repo=repository;db=database;js=javascript;ts=typescript;k8s=kubernetes;
postgres=postgresql;env=environment;dev=developer;devs=developers;ai=artificial intelligence;ml=machine learning;
mum=mom;mother=mom;father=dad;programme=program;programmes=programs;grey=gray;tyre=tire;tyres=tires;cheque=check;cheques=checks;
kerb=curb;aluminium=aluminum;jewellery=jewelry;licence=license;practise=practice;defence=defense;offence=offense;travelling=traveling;
travelled=traveled;cancelled=canceled;cancelling=canceling;modelling=modeling;labelled=labeled;fulfil=fulfill;enrol=enroll;catalogue=catalog;
dialogue=dialog;centre=center;centres=centers;theatre=theater;metre=meter;metres=meters;litre=liter;litres=liters;fibre=fiber;calibre=caliber;
whilst=while;amongst=among;towards=toward;learnt=learned;burnt=burned;spelt=spelled;dreamt=dreamed;tonne=ton;tonnes=tons;doughnut=donut;
email=mail;emails=mails;alot=lot;thru=through;tho=though;til=until;till=until;cuz=because;coz=because;bcoz=because;everyday=every day;
percentage=percent;nd=and;dnt=do not;wat=what;favourite=favorite;earphone=headphone;earphones=headphones;women=woman;men=man;
biggest=largest;bigger=larger;lesser=less;begin=start;begins=starts;purchase=buy;purchased=bought;kids=children;kid=child`,
);

/** British forms by their ending; `[ending, replacement, least length of the word]`. */
export const britishEndings: readonly (readonly [string, string, number])[] = [
  ['isation', 'ization', 9],
  ['ising', 'izing', 8],
  ['ised', 'ized', 7],
  ['ises', 'izes', 8],
  ['ise', 'ize', 7],
  ['yse', 'yze', 6],
  ['ysed', 'yzed', 7],
  ['ouring', 'oring', 8],
  ['oured', 'ored', 7],
  ['ours', 'ors', 6],
  ['our', 'or', 5],
];

/** Endings that the rules would change wrongly. */
export const britishExceptions: ReadonlySet<string> = new Set(
  `four hour hours your yours tour tours pour flour sour detour contour velour exercise exercised exercises exercising promise promised promises
  promising otherwise likewise advertise advise advised surprise surprised surprises surprising raise raised raises raising premise premises
  precise concise expertise enterprise enterprises franchise franchises merchandise paradise revise revised supervise supervised disguise
  comprise compromise compromised devise improvise treatise clockwise noise poise praise cruise bruise televise excise demise`.split(
    /\s+/,
  ),
);
