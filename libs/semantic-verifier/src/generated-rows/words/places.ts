import { listOf, tableOf } from './lists';

/** Country, who lives there. */
export const countries = tableOf(`
Argentina | Argentinians
Australia | Australians
Austria | Austrians
Bangladesh | Bangladeshis
Belgium | Belgians
Bolivia | Bolivians
Brazil | Brazilians
Bulgaria | Bulgarians
Cambodia | Cambodians
Cameroon | Cameroonians
Canada | Canadians
Chile | Chileans
China | the Chinese
Colombia | Colombians
Croatia | Croatians
Cuba | Cubans
Denmark | Danes
Ecuador | Ecuadorians
Egypt | Egyptians
Estonia | Estonians
Ethiopia | Ethiopians
Finland | Finns
France | the French
Georgia | Georgians
Germany | Germans
Ghana | Ghanaians
Greece | Greeks
Hungary | Hungarians
Iceland | Icelanders
India | Indians
Indonesia | Indonesians
Iran | Iranians
Iraq | Iraqis
Ireland | the Irish
Israel | Israelis
Italy | Italians
Jamaica | Jamaicans
Japan | the Japanese
Jordan | Jordanians
Kenya | Kenyans
Latvia | Latvians
Lebanon | the Lebanese
Lithuania | Lithuanians
Malaysia | Malaysians
Malta | the Maltese
Mexico | Mexicans
Mongolia | Mongolians
Morocco | Moroccans
Nepal | the Nepalese
New Zealand | New Zealanders
Nigeria | Nigerians
Norway | Norwegians
Oman | Omanis
Pakistan | Pakistanis
Panama | Panamanians
Peru | Peruvians
Poland | Poles
Portugal | the Portuguese
Qatar | Qataris
Romania | Romanians
Russia | Russians
Rwanda | Rwandans
Saudi Arabia | Saudis
Senegal | the Senegalese
Serbia | Serbs
Singapore | Singaporeans
Slovakia | Slovaks
Slovenia | Slovenes
South Africa | South Africans
South Korea | South Koreans
Spain | Spaniards
Sri Lanka | Sri Lankans
Sweden | Swedes
Switzerland | the Swiss
Taiwan | the Taiwanese
Tanzania | Tanzanians
Thailand | Thais
Tunisia | Tunisians
Turkey | Turks
Uganda | Ugandans
Ukraine | Ukrainians
Uruguay | Uruguayans
Vietnam | the Vietnamese
Zambia | Zambians
Zimbabwe | Zimbabweans
`);

export const countryNames = countries.map(([country]) => country as string);

export const cities = listOf(`
Aberdeen, Accra, Adelaide, Amsterdam, Ankara, Antwerp, Athens, Atlanta, Auckland, Baku, Bangalore, Bangkok, Barcelona, Basel, Beirut, Belfast, Belgrade, Bergen
Berlin, Bilbao, Birmingham, Bogota, Bologna, Bordeaux, Boston, Bratislava, Brisbane, Bristol, Brussels, Bucharest, Budapest, Buenos Aires, Cairo
Calgary, Cambridge, Canberra, Cape Town, Caracas, Cardiff, Casablanca, Chennai, Chicago, Cologne, Colombo, Copenhagen, Dakar, Dallas, Delhi, Denver
Detroit, Dhaka, Doha, Dresden, Dubai, Dublin, Durban, Edinburgh, Florence, Frankfurt, Gdansk, Geneva, Genoa, Glasgow, Gothenburg, Granada, Graz, Hamburg
Hanoi, Harare, Havana, Helsinki, Houston, Hyderabad, Istanbul, Jaipur, Jakarta, Jerusalem, Johannesburg, Kampala, Karachi, Kathmandu, Kigali, Krakow
Kuala Lumpur, Kyoto, Lagos, Lahore, Leeds, Leipzig, Lima, Lisbon, Liverpool, Ljubljana, London, Lucknow, Luxembourg, Lyon, Madrid, Malaga, Manchester, Manila
Marseille, Melbourne, Miami, Milan, Minneapolis, Montreal, Moscow, Mumbai, Munich, Nairobi, Nantes, Naples, Nice, Osaka, Oslo, Ottawa, Oxford, Palermo
Paris, Perth, Philadelphia, Phoenix, Pittsburgh, Porto, Prague, Pune, Quebec City, Quito, Riga, Rome, Rotterdam, Salzburg, San Diego, Santiago, Sao Paulo
Sarajevo, Seattle, Seoul, Seville, Shanghai, Singapore, Sofia, Stockholm, Stuttgart, Sydney, Taipei, Tallinn, Tbilisi, Tehran, Tel Aviv, Tokyo, Toronto
Toulouse, Turin, Utrecht, Valencia, Vancouver, Venice, Verona, Vienna, Vilnius, Warsaw, Wellington, Winnipeg, Wroclaw, Yerevan, Zagreb, Zurich
`);

/** Two names of one place, and another place of the kind that it must not be taken for. */
export const placeAliases = tableOf(`
the USA | the United States | the UK
the US | the United States of America | Australia
America | the USA | England
the UK | the United Kingdom | the USA
the UAE | the United Arab Emirates | Saudi Arabia
NYC | New York City | Washington
New York | NYC | Boston
Los Angeles | LA | San Diego
San Francisco | SF | Seattle
Washington, D.C. | Washington DC | New York City
the EU | the European Union | the UK
Holland | the Netherlands | Belgium
Mumbai | Bombay | Delhi
Chennai | Madras | Pune
Kolkata | Calcutta | Hyderabad
Bangalore | Bengaluru | Mysore
Myanmar | Burma | Laos
the Czech Republic | Czechia | Slovakia
Saigon | Ho Chi Minh City | Hanoi
Persia | Iran | Iraq
HK | Hong Kong | Singapore
New Zealand | NZ | Australia
Ivory Coast | Côte d'Ivoire | Ghana
Turkey | Türkiye | Greece
Sri Lanka | Ceylon | Bangladesh
Great Britain | GB | France
Beijing | Peking | Shanghai
Las Vegas | Vegas | Reno
Philadelphia | Philly | Pittsburgh
`);

export const continents = listOf('Africa, Asia, Europe, North America, South America, Australia');

export const landmarks = listOf(`
airport, cathedral, castle, central station, city hall, harbour, university, zoo, old town, opera house, art museum, botanical garden, football stadium
main square, fish market, planetarium, public library, aquarium, observatory, town hall
`);
