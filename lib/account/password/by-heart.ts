import "server-only";

// Rows and columns of keyboards, and what else many people know by heart, in lower case and without spaces.

const KEYBOARDS = [
  "1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./",
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopüasdfghjklöäyxcvbnm",
  "azertyuiopqsdfghjklmwxcvbn",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
  "qazwsxedcrfvtgbyhnujmikolp",
  "zaq1xsw2cde3vfr4bgt5nhy6mju7",
  "!@#$%^&*()_+",
  "йцукенгшщзхъфывапролджэячсмитьбю",
];
const PHRASES = [
  "correcthorsebatterystaple",
  "thequickbrownfoxjumpsoverthelazydog",
  "zeroonetwothreefourfivesixseveneightnineteneleventwelve",
  "januaryfebruarymarchaprilmayjunejulyaugustseptemberoctobernovemberdecember",
  "mondaytuesdaywednesdaythursdayfridaysaturdaysunday",
  "alphabravocharliedeltaechofoxtrotgolfhotelindiajulietkilolimamike",
  "alphabetagammadeltaepsilonzeta",
  "loremipsumdolorsitametconsecteturadipiscingelit",
  "tobeornottobethatisthequestion",
  "maytheforcebewithyou",
  "onceuponatime",
  "twinkletwinklelittlestarhowiwonderwhatyouare",
  "maryhadalittlelamb",
  "rosesareredvioletsareblue",
  "happybirthdaytoyou",
  "letmeinplease",
  "thisismypassword",
  "passwordpleaseletmein",
  "iloveyousomuchforever",
  "allworkandnoplaymakesjackadullboy",
  "inthebeginningwastheword",
  "ourfatherwhoartinheaven",
  "godsavethequeenking",
  "thisisaverylongpassword",
  "myverysecurepassword",
  "iloveyoumorethanlife",
  "gameofthrones",
  "winteriscoming",
  "harrypotterandthe",
  "expectopatronum",
  "youshallnotpass",
  "elementarymydearwatson",
  "supercalifragilisticexpialidocious",
  "houstonwehaveaproblem",
  "inagalaxyfarfaraway",
  "ifyoucandreamityoucandoit",
  "minimum15characters",
  "31415926535897932384626433832795",
  "2718281828459045235360287471",
];
const reversed = (text: string) => [...text].reverse().join("");
/** Texts by heart, and where in them each of its parts of the shortest length begins. */
const byParts = (texts: string[], shortest: number, bits: number) => {
  const text = texts.join("\n");
  const places = new Map<string, number[]>();
  for (let at = 0; at + shortest <= text.length; at += 1) {
    const part = text.slice(at, at + shortest);
    places.set(part, [...(places.get(part) ?? []), at]);
  }
  return { text, shortest, bits, places };
};
/** What people know by heart, with the bits that any part of it is worth. */
export const BY_HEART = [byParts([...KEYBOARDS, ...KEYBOARDS.map(reversed)], 4, 7), byParts(PHRASES, 8, 9)];
