import { tableOf } from './lists';

/** What a person does to a thing: base form, past, participle. */
export const thingVerbs = tableOf(`
buy | bought | bought
sell | sold | sold
break | broke | broken
repair | repaired | repaired
steal | stole | stolen
find | found | found
lose | lost | lost
design | designed | designed
build | built | built
paint | painted | painted
clean | cleaned | cleaned
rent | rented | rented
insure | insured | insured
photograph | photographed | photographed
order | ordered | ordered
return | returned | returned
hide | hid | hidden
damage | damaged | damaged
move | moved | moved
inherit | inherited | inherited
choose | chose | chosen
inspect | inspected | inspected
destroy | destroyed | destroyed
invent | invented | invented
donate | donated | donated
pay for | paid for | paid for
pick up | picked up | picked up
give away | gave away | given away
import | imported | imported
measure | measured | measured
describe | described | described
recognise | recognised | recognised
deliver | delivered | delivered
draw | drew | drawn
wash | washed | washed
`);

/** What one person or animal may do to another, either way round: base form, past, participle. */
export const personVerbs = tableOf(`
call | called | called
invite | invited | invited
accuse | accused | accused
praise | praised | praised
follow | followed | followed
hire | hired | hired
help | helped | helped
kiss | kissed | kissed
defend | defended | defended
betray | betrayed | betrayed
recommend | recommended | recommended
interview | interviewed | interviewed
visit | visited | visited
thank | thanked | thanked
warn | warned | warned
rescue | rescued | rescued
beat | beat | beaten
insult | insulted | insulted
replace | replaced | replaced
train | trained | trained
choose | chose | chosen
forgive | forgave | forgiven
criticise | criticised | criticised
teach | taught | taught
sue | sued | sued
report | reported | reported
trust | trusted | trusted
attack | attacked | attacked
catch | caught | caught
see | saw | seen
hurt | hurt | hurt
elect | elected | elected
examine | examined | examined
support | supported | supported
fool | fooled | fooled
portray | portrayed | portrayed
pay | paid | paid
drive home | drove home | driven home
leave behind | left behind | left behind
influence | influenced | influenced
`);

/** Handing over: base, past, participle, preposition of the receiver, and the receiver's own verb: base, past, participle. */
export const transfers = tableOf(`
sell | sold | sold | to | buy | bought | bought
lend | lent | lent | to | borrow | borrowed | borrowed
rent out | rented out | rented out | to | rent | rented | rented
give | gave | given | to | receive | received | received
send | sent | sent | to | receive | received | received
hand over | handed over | handed over | to | receive | received | received
lease | leased | leased | to | rent | rented | rented
`);

/** Things to do, as a question asks about them: base form, gerund. */
const activities = tableOf(`
apply for a visa | applying for a visa
ask for a pay rise | asking for a pay rise
avoid jet lag | avoiding jet lag
bake sourdough bread | baking sourdough bread
build a greenhouse | building a greenhouse
build a tree house | building a tree house
buy a used car | buying a used car
calm a crying baby | calming a crying baby
cancel a gym membership | cancelling a gym membership
change a flat tyre | changing a flat tyre
change careers at forty | changing careers at forty
clean a cast iron pan | cleaning a cast iron pan
close a bank account | closing a bank account
complain about noisy neighbours | complaining about noisy neighbours
compress a large PDF | compressing a large PDF
contest a parking fine | contesting a parking fine
cook rice | cooking rice
cure a hangover | curing a hangover
cut my own hair | cutting my own hair
deal with a difficult boss | dealing with a difficult boss
delete my browsing history | deleting my browsing history
descale a kettle | descaling a kettle
dye a cotton shirt | dyeing a cotton shirt
earn money from a blog | earning money from a blog
fall asleep faster | falling asleep faster
feed a stray cat | feeding a stray cat
find a flatmate | finding a flatmate
find an internship | finding an internship
find cheap flights | finding cheap flights
fix a leaking tap | fixing a leaking tap
freeze fresh herbs | freezing fresh herbs
get a driving licence | getting a driving licence
get a loan for a house | getting a loan for a house
get over a break-up | getting over a break-up
get rid of ants | getting rid of ants
get rid of dark circles | getting rid of dark circles
grow tomatoes on a balcony | growing tomatoes on a balcony
hang wallpaper | hanging wallpaper
improve my credit score | improving my credit score
improve my handwriting | improving my handwriting
insulate an attic | insulating an attic
install a dishwasher | installing a dishwasher
introduce a kitten to a dog | introducing a kitten to a dog
invest in gold | investing in gold
join the navy | joining the navy
keep basil alive | keeping basil alive
learn a language by myself | learning a language by myself
live on a boat | living on a boat
lose belly fat | losing belly fat
lower my heating bill | lowering my heating bill
make friends in a new city | making friends in a new city
make soap at home | making soap at home
meditate every day | meditating every day
merge two spreadsheets | merging two spreadsheets
move abroad | moving abroad
negotiate a salary | negotiating a salary
open a bakery | opening a bakery
open a rusty padlock | opening a rusty padlock
organise a street party | organising a street party
overcome stage fright | overcoming stage fright
paint a ceiling | painting a ceiling
pack for a long hike | packing for a long hike
pass a driving test | passing a driving test
pay off student loans | paying off student loans
plan a wedding | planning a wedding
plant an apple tree | planting an apple tree
prepare for a job interview | preparing for a job interview
prove that a number is prime | proving that a number is prime
publish a novel | publishing a novel
quit sugar | quitting sugar
quit smoking | quitting smoking
raise chickens | raising chickens
recover a deleted photo | recovering a deleted photo
register a trademark | registering a trademark
remove a coffee stain | removing a coffee stain
remove a splinter | removing a splinter
rent out a room | renting out a room
replace a bicycle chain | replacing a bicycle chain
reset a router | resetting a router
roast a chicken | roasting a chicken
run a marathon | running a marathon
save for retirement | saving for retirement
scan old photos | scanning old photos
sell a house without an agent | selling a house without an agent
sell handmade jewellery online | selling handmade jewellery online
set up a home office | setting up a home office
sharpen a kitchen knife | sharpening a kitchen knife
solve a Rubik's cube | solving a Rubik's cube
speak in front of a crowd | speaking in front of a crowd
start a podcast | starting a podcast
start a vegetable garden | starting a vegetable garden
stop biting my nails | stopping biting my nails
stop procrastinating | stopping procrastinating
store potatoes | storing potatoes
study for an exam | studying for an exam
switch to a new bank | switching to a new bank
take better photos at night | taking better photos at night
tame a parrot | taming a parrot
teach a child to swim | teaching a child to swim
tie a bow tie | tying a bow tie
train a puppy | training a puppy
translate a contract | translating a contract
treat a burn | treating a burn
treat a cold sore | treating a cold sore
unclog a drain | unclogging a drain
unlock an old phone | unlocking an old phone
upgrade my graphics card | upgrading my graphics card
wake up early | waking up early
wash a wool sweater | washing a wool sweater
wean a baby | weaning a baby
whistle with my fingers | whistling with my fingers
work from home | working from home
write a cover letter | writing a cover letter
write a eulogy | writing a eulogy
write a haiku | writing a haiku
`);

/** Things to do as `{do, doing}`. */
export const deeds = activities.map(([base, gerund]) => ({ do: base as string, doing: gerund as string }));

/** What one does at a moment of a day: gerunds that can stand before or after one another. */
export const dailyDeeds = tableOf(`
brush my teeth | brushing my teeth
check my email | checking my email
cook dinner | cooking dinner
do yoga | doing yoga
drink coffee | drinking coffee
drink milk | drinking milk
eat breakfast | eating breakfast
eat fruit | eating fruit
go for a run | going for a run
go for a swim | going for a swim
lift weights | lifting weights
meditate | meditating
nap | napping
read the news | reading the news
shave | shaving
shower | showering
stretch | stretching
study | studying
take a walk | taking a walk
take medicine | taking medicine
take vitamins | taking vitamins
warm up | warming up
wash my face | washing my face
wash my hair | washing my hair
watch television | watching television
`).map(([base, gerund]) => ({ do: base as string, doing: gerund as string }));

/** An event of a life, as past, base, gerund and noun phrase with the person's name in `{a}`. */
export const lifeEvents = tableOf(`
resigned | resign | resigning | resignation
died | die | dying | death
departed | depart | departing | departure
arrived | arrive | arriving | arrival
returned | return | returning | return
retired | retire | retiring | retirement
disappeared | disappear | disappearing | disappearance
graduated | graduate | graduating | graduation
surrendered | surrender | surrendering | surrender
escaped | escape | escaping | escape
divorced | divorce | divorcing | divorce
emigrated | emigrate | emigrating | emigration
recovered | recover | recovering | recovery
collapsed | collapse | collapsing | collapse
`);

/** What one person feels or thinks of another: base, third person, participle. */
export const statives = tableOf(`
love | loves | loved
hate | hates | hated
admire | admires | admired
envy | envies | envied
miss | misses | missed
respect | respects | respected
fear | fears | feared
trust | trusts | trusted
dislike | dislikes | disliked
adore | adores | adored
despise | despises | despised
know | knows | known
remember | remembers | remembered
understand | understands | understood
need | needs | needed
like | likes | liked
suspect | suspects | suspected
support | supports | supported
ignore | ignores | ignored
worship | worships | worshipped
`);
