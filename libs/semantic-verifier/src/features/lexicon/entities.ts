const WORDS = `
usa uk eu
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december
afghanistan albania algeria argentina armenia australia austria azerbaijan bahrain bangladesh belarus belgium bolivia bosnia brazil bulgaria
cambodia cameroon canada chad chile china colombia croatia cuba cyprus denmark ecuador egypt england estonia ethiopia europe africa asia america
finland france georgia germany ghana greece guatemala haiti honduras hungary iceland india indonesia iran iraq ireland israel italy
jamaica japan jordan kazakhstan kenya korea kuwait laos latvia lebanon libya lithuania luxembourg malaysia malta mexico moldova mongolia morocco
mozambique myanmar namibia nepal netherlands nicaragua nigeria norway oman pakistan panama paraguay peru philippines poland portugal
qatar romania russia rwanda scotland senegal serbia singapore slovakia slovenia somalia spain sudan sweden switzerland syria taiwan
tanzania thailand tunisia turkey uganda ukraine uruguay uzbekistan venezuela vietnam wales yemen zambia zimbabwe
afghan african american arab arabic argentinian asian australian austrian bengali belgian brazilian british bulgarian canadian catholic chilean
chinese christian colombian croatian cuban czech danish dutch egyptian english european finnish french german greek hebrew hindi hindu hungarian
indian indonesian iranian iraqi irish islamic israeli italian japanese jewish kenyan korean latin malaysian mexican muslim nepali nigerian norwegian
pakistani persian peruvian polish portuguese protestant punjabi romanian russian scottish serbian spanish swedish swiss syrian tamil telugu thai
tibetan turkish ukrainian urdu vietnamese welsh
amsterdam athens atlanta austin bangalore bangkok barcelona beijing berlin boston brussels cairo calcutta california chennai chicago dallas delhi denver
detroit dubai dublin florida geneva hawaii houston hyderabad istanbul jakarta karachi kerala kolkata lagos lahore lisbon london madrid
manchester manhattan melbourne miami milan montreal moscow mumbai munich nairobi nevada oslo paris philadelphia phoenix prague pune
rome seattle seoul shanghai stockholm sydney texas tokyo toronto vancouver venice vienna warsaw washington zurich alaska arizona colorado ohio
oregon virginia tampa nashville brooklyn
google microsoft apple amazon facebook twitter instagram youtube netflix spotify uber airbnb tesla samsung sony nokia huawei xiaomi intel nvidia amd
ibm oracle adobe walmart ebay paypal linkedin whatsapp snapchat tinder reddit wikipedia android ios windows linux macos ubuntu debian fedora chrome
firefox safari iphone ipad macbook python java javascript typescript ruby php rust golang kotlin scala perl haskell swift django flask rails
react angular vue mysql postgresql mongodb redis kafka docker kubernetes aws azure gcp excel powerpoint photoshop gmail outlook
toyota honda ford bmw audi mercedes volkswagen ferrari nike adidas pepsi starbucks mcdonald visa mastercard
obama trump clinton putin modi gandhi einstein newton shakespeare napoleon hitler stalin lincoln jesus moses buddha muhammad krishna
james john robert michael william david richard joseph thomas charles mary patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy
lisa emily emma olivia sophia daniel matthew anthony mark paul steven andrew joshua kevin brian george edward jason ryan jacob nicholas
earth mars venus jupiter saturn mercury neptune
fall winter summer spring autumn`;

/** Common names that say what a question is about even in lower case: days, months, places, nationalities, products, people. */
export const entityWords: ReadonlySet<string> = new Set(WORDS.split(/\s+/).filter(Boolean));
