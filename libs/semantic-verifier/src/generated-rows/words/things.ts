import { listOf, tableOf } from './lists';

/** Things that people buy, sell, lend, break and look for; singular, countable. */
export const objects = listOf(`
bicycle, boat, book, bracelet, bridge, cabin, camera, car, carpet, cello, chair, clock, coat, computer, cottage, couch, desk, diamond, dishwasher, drone
drum kit, factory, farm, fence, flat, flute, fridge, garage, guitar, harp, helicopter, horse, hotel, house, island, jacket, kayak, ladder, lamp, laptop
lawn mower, letter, map, microscope, mirror, motorbike, necklace, newspaper, old barn, oven, painting, parrot, phone, piano, picture, printer, puppy
radio, red sofa, restaurant, ring, robot, sailing boat, scooter, sewing machine, sculpture, shop, sports car, statue, suitcase, surfboard, table, tablet
telescope, television, tent, ticket, tractor, trailer, trumpet, truck, vase, vineyard, violin, wardrobe, washing machine, watch, white van, windmill, yacht
`);

/** Kinds of things compared with one another; two of a line make a sensible "difference between". */
export const comparables = [
  listOf(
    'Python, Java, Kotlin, Rust, Go, C++, Ruby, Scala, Haskell, Perl, Swift, TypeScript, C#, PHP, Lua, Julia, Elixir',
  ),
  listOf('MySQL, PostgreSQL, MongoDB, Redis, SQLite, Cassandra, MariaDB, DynamoDB, Neo4j, CouchDB, Oracle'),
  listOf('React, Angular, Vue, Svelte, Ember, jQuery, Backbone'),
  listOf('Windows, Linux, macOS, FreeBSD, ChromeOS'),
  listOf('butter, margarine, lard, olive oil, coconut oil, ghee'),
  listOf('tea, coffee, cocoa, chicory'),
  listOf('a crocodile, an alligator, a caiman, a lizard, a gecko'),
  listOf('a frog, a toad, a newt, a salamander'),
  listOf('a violin, a viola, a cello, a guitar, a ukulele, a mandolin, a banjo'),
  listOf('a mutual fund, an index fund, a hedge fund, a pension fund, a savings account, a bond'),
  listOf('a debit card, a credit card, a prepaid card, a gift card'),
  listOf('a bachelor degree, a master degree, a doctorate, a diploma'),
  listOf('a virus, a bacterium, a fungus, a parasite'),
  listOf('an alloy, a compound, a mixture, an element'),
  listOf('weather, climate'),
  listOf('speed, velocity, acceleration, momentum'),
  listOf('mitosis, meiosis, binary fission'),
  listOf('a queue, a stack, a heap, a linked list, an array, a hash table'),
  listOf('a process, a thread, a coroutine'),
  listOf('TCP, UDP, QUIC, SCTP'),
  listOf('HTTP, HTTPS, FTP, SSH, gRPC'),
  listOf('a latte, a cappuccino, a flat white, a macchiato'),
  listOf('a lake, a pond, a lagoon, a reservoir'),
  listOf('a hurricane, a tornado, a typhoon, a blizzard'),
  listOf('an ape, a monkey, a lemur, a gorilla, a chimpanzee'),
  listOf('a hare, a rabbit, a guinea pig, a hamster'),
  listOf('a comet, an asteroid, a meteor, a planet, a star'),
  listOf('jam, jelly, marmalade, honey'),
  listOf('yoga, Pilates, tai chi, aerobics'),
  listOf('karate, judo, kung fu, taekwondo, aikido, boxing'),
  listOf('Spanish, Portuguese, Italian, French, Catalan, Romanian, Latin'),
  listOf('Danish, Norwegian, Swedish, German, Dutch, Icelandic'),
  listOf('a solicitor, a barrister, a notary, a paralegal'),
  listOf('a psychologist, a psychiatrist, a counsellor, a social worker'),
  listOf('capitalism, socialism, communism, feudalism, anarchism'),
  listOf('an iPhone, a Galaxy phone, a Pixel phone, a Nokia phone'),
  listOf('a tablet, a laptop, a netbook, a desktop computer'),
  listOf('a router, a modem, a switch, a repeater'),
  listOf('a novel, a short story, a novella, a play, a poem'),
  listOf('squash, tennis, badminton, table tennis, padel'),
  listOf('rugby, American football, soccer, hockey, cricket, baseball'),
  listOf('a petrol car, a diesel car, a hybrid car, an electric car'),
  listOf('solar power, wind power, nuclear power, coal power, hydropower'),
  listOf('Docker, Podman, Kubernetes, Vagrant'),
  listOf('Facebook, Instagram, Twitter, LinkedIn, Reddit, Pinterest, TikTok'),
  listOf('physics, chemistry, biology, geology, astronomy'),
];

/** Single comparable words without an article, for places where one is wanted. */
export const bareComparables = comparables
  .map((kind) => kind.filter((word) => !/^an? /.test(word)))
  .filter((kind) => kind.length > 1);

export const foods = listOf(`
apples, apricots, artichokes, asparagus, avocados, bananas, beetroot, blackberries, bread, broccoli, carrots, cashews, cauliflower, cheese, cherries
chickpeas, chocolate, cinnamon, coconuts, corn, cranberries, cucumbers, dates, eggs, figs, fish, garlic, ginger, grapes, honey, kale, kiwis, lemons, lentils
lettuce, mangoes, mushrooms, nuts, oats, olives, onions, oranges, papayas, pasta, peaches, peanuts, pears, peas, pineapples, plums, popcorn, pork, potatoes
prawns, pumpkins, quinoa, radishes, raisins, raspberries, rice, rye bread, salmon, sesame seeds, soya beans, spinach, strawberries, sweet potatoes
tofu, tomatoes, tuna, turmeric, walnuts, watermelons, yoghurt, zucchini
`);

/** Singular and plural. */
export const animals = tableOf(`
ant | ants
bat | bats
bear | bears
beaver | beavers
bee | bees
camel | camels
canary | canaries
cat | cats
chicken | chickens
cockroach | cockroaches
cow | cows
crab | crabs
crocodile | crocodiles
crow | crows
deer | deer
dog | dogs
dolphin | dolphins
donkey | donkeys
duck | ducks
eagle | eagles
elephant | elephants
ferret | ferrets
fox | foxes
frog | frogs
giraffe | giraffes
goat | goats
goldfish | goldfish
goose | geese
gorilla | gorillas
hamster | hamsters
hedgehog | hedgehogs
hippo | hippos
horse | horses
kangaroo | kangaroos
leopard | leopards
lion | lions
lizard | lizards
mouse | mice
octopus | octopuses
ostrich | ostriches
otter | otters
owl | owls
parrot | parrots
penguin | penguins
pig | pigs
pigeon | pigeons
rabbit | rabbits
rat | rats
rhino | rhinos
salmon | salmon
seal | seals
shark | sharks
sheep | sheep
snail | snails
snake | snakes
sparrow | sparrows
spider | spiders
squirrel | squirrels
swan | swans
tiger | tigers
tortoise | tortoises
turkey | turkeys
turtle | turtles
whale | whales
wolf | wolves
zebra | zebras
`);

export const animalSkills = listOf(`
swim, climb trees, see in the dark, remember faces, smell fear, hear ultrasound, live without water for a week, live in the desert
survive a harsh winter, eat meat, eat grass, run faster than a human, sleep standing up, sense earthquakes, dream, feel pain, count, use tools
be trained, live alone, live in a flat, breathe under water, jump over a fence, change colour, carry rabies, live for thirty years, get sunburnt, fall in love
`);

/** Companies and what their things are called. */
export const companies = listOf(`
Adidas, Adobe, Airbus, Alibaba, Amazon, AMD, Apple, Asus, Audi, Bayer, BMW, Boeing, Bosch, Canon, Cisco, Dell, Disney, eBay, Ericsson, Ferrari, Fiat, Ford, Fujitsu
Gillette, Google, Heineken, Hitachi, Honda, Huawei, Hyundai, IBM, IKEA, Infosys, Intel, Kellogg, Kia, Lego, Lenovo, LG, Mazda, Mercedes, Meta, Microsoft
Mitsubishi, Nestle, Netflix, Nike, Nintendo, Nissan, Nokia, Nvidia, Oracle, Panasonic, PayPal, Pepsi, Philips, Pfizer, Porsche, Puma, Renault, Rolex, Samsung
SAP, Siemens, Skoda, Sony, Spotify, Starbucks, Suzuki, Tata, Tesla, Toshiba, Toyota, Uber, Unilever, Visa, Volkswagen, Volvo, Xiaomi, Yamaha
`);

export const devices = listOf(`
air conditioner, air purifier, alarm clock, baby monitor, blender, bread maker, camcorder, camera, coffee machine, dehumidifier, desktop PC, dishwasher, drill, drone
e-reader, electric car, electric razor, electric scooter, electric toothbrush, fitness tracker, food processor, freezer, fridge, gaming laptop, hair dryer
hearing aid, heat pump, hedge trimmer, humidifier, inkjet printer, keyboard, kettle, label printer, laptop, laser printer, lawn mower, microphone, microwave
mini fridge, monitor, motorbike, mountain bike, mouse, office chair, oven, projector, record player, rice cooker, robot vacuum, router, scanner, sewing machine
shredder, smart speaker, smartphone, smartwatch, solar panel, sound bar, tablet, telescope, tent, toaster, treadmill, tumble dryer, TV, vacuum cleaner, video doorbell
washing machine, webcam
`);

export const topics = listOf(`
acid rain, ageing, air pollution, alternative medicine, artificial intelligence, asthma, back pain, bankruptcy, biofuel, black holes, blockchain, bullying
carbon dioxide, child labour, climate change, cloud computing, colour blindness, compound interest, coral reefs, corruption, cryptography, cyber crime, dark matter
deforestation, democracy, depression, desertification, diabetes, diesel engines, earthquakes, electric cars, evolution, exchange rates, fake news, fasting, fracking
free trade, game theory, gene therapy, genetic engineering, glaciers, global warming, gravity, hay fever, high blood pressure, homeopathy, housing prices, hypnosis
immigration, inflation, insomnia, internet censorship, jet lag, lightning, machine learning, malaria, mass tourism, meditation, microplastics, migraine
minimum wages, monopolies, mortgages, nanotechnology, noise pollution, nuclear fusion, nuclear waste, obesity, ocean currents, online dating, organic farming
overfishing, pensions, photosynthesis, plastic waste, poverty, quantum computing, racism, radioactivity, recycling, remote work, renewable energy, rising sea levels
self-driving cars, sleep apnoea, smoking, social media, solar eclipses, stem cells, stress, superconductivity, tax evasion, tides, time travel, tinnitus
unemployment, urban farming, vaccination, video games, virtual reality, volcanoes, water shortage, wildfires
`);

const singularInS = new Set(['diabetes', 'stress', 'tinnitus', 'homelessness', 'hypnosis']);

/** Whether a topic takes "are". */
export function isManyTopic(topic: string): boolean {
  return /[^s]s$/.test(topic) && !singularInS.has(topic) && !topic.endsWith('sis');
}

/** Things that a law may forbid. */
export const bannable = listOf(`
alcohol, animal testing, billboards, boxing, bullfighting, cheap plastic toys, child beauty contests, circus animals, coal power, cosmetic surgery, cruise ships, diesel cars, disposable cups
energy drinks, fireworks, foie gras, fracking, fur coats, gambling, glyphosate, guns, homeopathy, hunting, ivory, junk food ads, leaf blowers, motor racing, nuclear power, patio heaters
plastic bags, plastic straws, private jets, raw milk, school uniforms, short flights, smoking, social media, speedboats, sugary drinks, surveillance cameras, tanning beds
tipping, tobacco ads, trophy hunting, video games, violent films, zoos
`);

export const skills = listOf(`
acrylic painting, advanced algebra, Arabic, archery, astronomy, Bahasa, ballet, basket weaving, beekeeping, bookbinding, calligraphy, carpentry, chess
Chinese, climbing, coding, contract law, creative writing, cryptography, dancing, data analysis, digital marketing, diving, drawing, driving, Dutch, embroidery
English, fencing, film editing, first aid, French, gardening, German, glass blowing, graphic design, Greek, Hebrew, Hindi, Italian, Japanese, Java, JavaScript
judo, juggling, kayaking, knitting, Korean, Latin, linear algebra, machine learning, Mandarin, negotiation, paragliding, photography, the banjo
the cello, the drums, the flute, the guitar, the piano, the violin, Polish, Portuguese, pottery, programming, project management, public speaking
Python, rock climbing, rowing, Russian, sailing, Sanskrit, sewing, shorthand, sign language, singing, skiing, snowboarding, Spanish, speed reading, SQL, statistics, surfing
Swahili, Swedish, swimming, Tamil, tango, technical drawing, tennis, touch typing, Turkish, Urdu, video editing, Vietnamese, watercolour painting, web design
wood carving, yoga
`);

/** Tongue-close names that a typo could make of one another, yet other things. */
export const lookalikes = tableOf(`
goat | boat | coat
cat | bat | rat
house | horse | mouse
beer | bear | deer
pan | pen | pin
ship | shop | chip
ball | bell | bull
cake | lake | snake
duck | desk | dock
fox | box | ox
goose | moose | noose
hat | hut | hot tub
kite | knife | kitten
lamp | lamb | ramp
moth | mouth | month
pear | pearl | bear
ring | wing | king
sock | rock | clock
table | tablet | stable
train | drain | trail
tool | pool | stool
wall | well | mall
wine | vine | mine
plane | plant | planet
comma | coma | camera
patent | patient | parent
desert | dessert | deserter
angel | angle | ankle
calendar | colander | cylinder
diary | dairy | daisy
canal | canoe | camel
`);
