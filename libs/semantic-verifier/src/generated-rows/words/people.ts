import { listOf, tableOf } from './lists';

/** First names from many parts of the world; none is also a common word. */
export const firstNames = listOf(`
Aaron, Abigail, Adam, Adele, Adrian, Agnes, Ahmed, Aisha, Akira, Alan, Albert, Alejandro, Alex, Alfred, Ali, Alice, Alina, Amanda, Amina, Amit, Amy, Ana
Anders, Andrea, Andrew, Angela, Anita, Anna, Anthony, Antonio, Anya, Arjun, Arthur, Asha, Astrid, Barbara, Beatrice, Ben, Benjamin, Bianca, Bjorn, Brandon
Brenda, Brian, Bruno, Caleb, Camila, Carla, Carlos, Carmen, Caroline, Catherine, Cecilia, Charles, Charlotte, Chen, Chiara, Chloe, Christina, Christopher
Claire, Clara, Claudia, Colin, Connor, Cynthia, Daniel, Daniela, David, Deborah, Deepak, Denise, Dennis, Derek, Diana, Diego, Dmitri, Dominic, Donna
Dorothy, Douglas, Dylan, Edith, Eduardo, Edward, Elena, Elias, Elijah, Elisabeth, Ella, Ellen, Emily, Emma, Emmanuel, Enrique, Erik, Esther, Ethan
Eugene, Eva, Evan, Evelyn, Fatima, Felix, Fernando, Fiona, Florian, Frances, Francisco, Frederick, Gabriel, Gareth, Gary, Geoffrey, George, Gerald
Giovanni, Gloria, Gordon, Greta, Gustavo, Hannah, Harold, Hassan, Heather, Hector, Heidi, Helen, Helga, Henry, Hiroshi, Hugo, Ian, Ibrahim, Igor
Imran, Ingrid, Irene, Irina, Isaac, Isabel, Ivan, Jacob, Jacqueline, James, Jane, Janet, Jasmine, Jason, Javier, Jeffrey, Jennifer, Jeremy, Jessica
Joanna, Joel, John, Jonathan, Jorge, Joseph, Joshua, Judith, Julia, Julian, Karen, Karim, Karl, Kate, Katherine, Keith, Kelly, Kenji, Kevin, Khalid
Kristina, Kumar, Kyle, Lars, Laura, Lauren, Leah, Leo, Leon, Leonard, Leonie, Liam, Linda, Lisa, Louis, Louise, Lucas, Lucia, Lucy, Luis, Lukas, Lydia
Magnus, Malcolm, Manuel, Marco, Margaret, Maria, Mariana, Marie, Marina, Mario, Marta, Martha, Martin, Mateo, Matilda, Matthew, Maya, Mehmet, Melissa
Michael, Michelle, Miguel, Mohamed, Monica, Nadia, Naomi, Natalie, Natasha, Nathan, Neha, Neil, Nicholas, Nicole, Nina, Noah, Nora, Olga, Oliver
Olivia, Omar, Oscar, Pablo, Pamela, Patricia, Paul, Paula, Pedro, Peter, Philip, Pierre, Priya, Rachel, Rafael, Rahul, Rajesh, Ramon, Raquel, Ravi
Rebecca, Renata, Ricardo, Richard, Rita, Robert, Rodrigo, Roger, Rohan, Roland, Rosa, Ruben, Rupert, Ruth, Ryan, Sabine, Samantha, Samir, Samuel
Sandra, Sanjay, Sara, Sebastian, Sergei, Shannon, Sheila, Simon, Sofia, Sonja, Stefan, Stella, Stephanie, Stephen, Suresh, Susan, Svetlana, Sylvia
Tamara, Tanya, Teresa, Theo, Theresa, Thomas, Tim, Timothy, Tobias, Tomas, Valentina, Vanessa, Vera, Veronica, Victoria, Vijay, Vikram, Vincent
Vladimir, Walter, Wei, Wendy, William, Xavier, Yasmin, Yuki, Yusuf, Zainab, Zara, Zoe
`);

export const surnames = listOf(`
Abbott, Acosta, Adler, Ahmad, Alvarez, Andersson, Bakker, Banerjee, Barnett, Becker, Bennett, Bianchi, Brennan, Carlson, Carter, Castillo, Chaudhary
Coleman, Costa, Dawson, Dubois, Eriksen, Evans, Farrell, Fernandes, Fischer, Fletcher, Fontaine, Gallagher, Garcia, Gibson, Gupta, Hansen, Harrington
Hoffmann, Hughes, Ivanov, Iyer, Jensen, Johansson, Kapoor, Kaplan, Keller, Khan, Kowalski, Lambert, Larsen, Lindqvist, Lopez, Malik, Marchetti, Mehta
Meyer, Mitchell, Moreau, Morales, Murphy, Nakamura, Novak, Okafor, Olsen, Ortega, Osborne, Patel, Pereira, Petrov, Popescu, Quinn, Ramirez, Reddy
Reynolds, Richter, Rossi, Sanders, Santos, Schneider, Sharma, Silva, Sokolov, Sullivan, Suzuki, Tanaka, Thompson, Torres, Vargas, Vogel, Wagner
Walsh, Watanabe, Weber, Whitaker, Winters, Yamamoto, Zhang, Zimmermann
`);

export const professions = listOf(`
accountant, acrobat, actor, actuary, air traffic controller, anaesthetist, animator, anthropologist, archaeologist, architect, archivist, astronaut
astronomer, auditor, baker, ballet dancer, bank manager, barber, bartender, beekeeper, biologist, blacksmith, bookkeeper, botanist, bricklayer, broker
bus driver, butcher, carpenter, cartoonist, cashier, chemist, chiropractor, choreographer, coach, comedian, composer, conductor, cook, copywriter, coroner
counsellor, courier, dancer, data analyst, data scientist, dentist, dermatologist, detective, diplomat, diver, economist, editor, electrician
engineer, estate agent, event planner, farmer, fashion designer, film director, firefighter, fisherman, flight attendant, florist, footballer, game designer
gardener, geologist, glazier, goldsmith, graphic designer, hairdresser, historian, hotel manager, illustrator, insurance agent, interpreter
investment banker, jeweller, jockey, journalist, judge, kindergarten teacher, lawyer, librarian, lifeguard, linguist, locksmith, magician
marine biologist, marketing manager, mathematician, mechanic, meteorologist, midwife, miner, museum guide, musician, neurologist, notary, novelist, nurse
nutritionist, optician, painter, paramedic, pathologist, pharmacist, philosopher, photographer, physicist, physiotherapist, pilot, plumber, poet
police officer, politician, postman, prison officer, private detective, probation officer, product manager, proofreader, psychiatrist, psychologist
publisher, radiologist, real estate agent, referee, reporter, sailor, sculptor, secretary, security guard, shepherd, shoemaker, singer, social worker
software developer, soldier, sound engineer, speech therapist, stockbroker, stuntman, surgeon, surveyor, tailor, tattoo artist, tax adviser
taxi driver, teacher, tour guide, train driver, translator, travel agent, truck driver, tutor, umpire, undertaker, veterinarian, voice actor, waiter
watchmaker, web designer, welder, wine merchant, yoga instructor, zookeeper, zoologist
`);

/** Relations that hold both ways; each line a group whose members may mean nearly the same, so that two of them are taken from two groups. */
export const symmetricRelations = [
  listOf('dating, in a relationship with'),
  listOf('married to, the spouse of'),
  listOf('engaged to'),
  listOf('related to, a relative of'),
  listOf('a cousin of'),
  listOf('a sibling of'),
  listOf('friends with, a friend of'),
  listOf('living with, sharing a flat with'),
  listOf('a colleague of, a co-worker of'),
  listOf('a classmate of, in the same class as'),
  listOf('a neighbour of'),
  listOf('divorced from'),
  listOf('a business partner of'),
  listOf('a teammate of, in the same team as'),
  listOf('the same age as'),
  listOf('the same height as'),
  listOf('in touch with, in contact with'),
  listOf('playing against'),
  listOf('a rival of, competing with'),
  listOf('a pen friend of'),
  listOf('arguing with'),
  listOf('different from'),
];

/** Relations that do not follow from their converse. */
export const asymmetricRelations = listOf(`
the boss of, the manager of, the supervisor of, a parent of, the guardian of, a grandparent of, an uncle or aunt of, a fan of, in love with, afraid of
jealous of, proud of, a student of, the teacher of, the lawyer of, the dentist of, older than, richer than, working for, following, suing, the landlord of
a descendant of, the heir of, an admirer of, blackmailing, in debt to, dependent on, responsible for, waiting for, looking for, teaching
avoiding, mentoring, coaching, spying on, hiding from, named after, adopted by, employed by, represented by, supported by, influenced by, taller than
smarter than, faster than, stronger than, a patient of, a tenant of, the secretary of, the agent of, the biographer of, an assistant of, a disciple of
the predecessor of, ahead of, annoyed by, grateful to, rude to, kind to, married to a friend of, taking care of, impressed by
`);

/** A relation and its converse: A x B means B y A. */
export const converseRelations = tableOf(`
a parent of | a child of
the teacher of | a student of
the landlord of | a tenant of
older than | younger than
taller than | shorter than
heavier than | lighter than
richer than | poorer than
an ancestor of | a descendant of
a grandparent of | a grandchild of
the host of | a guest of
the employer of | employed by
the successor of | the predecessor of
the creditor of | a debtor of
ahead of | behind
faster than | slower than
above | below
the mentor of | mentored by
the coach of | coached by
the supervisor of | supervised by
the lawyer of | a client of
the doctor of | a patient of
paying | paid by
suing | sued by
supporting | supported by
following | followed by
the leader of | led by
stronger than | weaker than
in front of | behind
a master of | an apprentice of
`);
