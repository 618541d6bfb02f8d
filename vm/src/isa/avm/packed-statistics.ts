/**
 * How frequent symbols of packed code are, by class: a digit in base 36 for each, twice the logarithm of its frequency.
 * A class that is absent has symbols of one frequency. `scripts/train-packed.mjs` writes it.
 */
// biome-ignore format: a class is a line
export const packedStatistics: Readonly<Record<string, string>> = {
  'op':
    'icn2269fcb3618m11kffbik42197c9lchd2gd19f28cfhc8fgc1767575875878e8cd9babiihc8adcd8a63646331211cbbcd897539833215acih963ki66bgdfcdd1519142ad187c6138d11161791181711121111113111ji1f192fijfifeaib9a712ccaca151e151ced9bedi2566fkb7gjfa814effeddbd977189db411ae91171978ce57abg4111e111511635gf3cca6ac11de15418dbc57dd11ce1e51111111151121111613311311111114111711a189889948849815111189111411111cecb85111116e111111111111111111111111111111111111111c8cba1114311111111211211111111c',
  'a':
    'qpnnnmmllkkjihh2',
  'b':
    'ponnomllllkkjgfk',
  'imm4.0':
    'qqlniklmmkhhhffm',
  'c':
    'oonnnnmlmmlljij7',
  'off4.0':
    'olllkmkklmnmnool',
  'target8.0':
    'nkkjijiihgigggfghcchdgecbccecgafcfffabddbaceabacaab9b9ab9cadcabccfe9acbcdecbcaa8d97ccaaccagdbaedcd7adcbgcgefeahhcefcejfhfhag8baa9cbdeddcdefhgcdbdfdfaeebiedabbebcgac9ac7b9acb8cbcgbdadcadbabbdcabeabbc7ccccg9bcfggbabebafedddegbdceccfedbebcedbabdcfddf7c9h8ca9h',
  'imm8.0':
    'fglhfcfhbcebdaaddaacfaaaiaaagaakhacaacaaaeaaaaaaaaaaaaacefeabaafdaaacaaaaeaaaaaagaaddaaeadccaadddaaabaaaaaaabaacaaaaaacgaccigcbmnnlghfhfgafaaaaaeaacbaaahaacbaaajheagaaajgdecfeahcacaaaaaacaaaadiaaaaaaadaaaaaaafacaaaaaaaceggccdbbadedaaaaacbdabbcbdcaddaacdaab',
  'imm6.0':
    'hijmfieljeccemgcolgghdcdoghbgnccoegcddbhegbccacaiccadadafadbdgdi',
  'imm5.0':
    'ffnfffnngfmnfngfgnnngfngfnjgghfg',
  'imm12.8':
    'sfhbbabhrfhefimn',
  'imm12.0':
    'knkehicggbbiecaijfkdbdabffaadaakoamafhaajgfacdceiajabdabfdbacdaakeaaadaaeaaabeaaiaaaadcaeacaadaaeeebbdaafbaabdaafbaaadaagacaddaafcaaadaaaaaabdaacaaabdaccaaaadaagaaaagaaeaaaaacdbaaaaaaadaaaaaaagaaabaaabaaaaaaabbaaaaaagaaaaaaahaaaaaaabaaababadaaaaaaaeaaabdaf',
  'off12.8':
    'qie7777ccfbikmqr',
  'off12.0':
    'liffi999ic99dbabi998c888jcbbdbbgjdcgdgccicccecedicaadaaaiaaadaaaiaaaccccibcccbbbjb99a99aj999a99ajaaaaaaaiaaaaaaajaaaaaaajaaaaaaafaaehgg8f999a999i999a999faaabaaafaaacabagaaababcgaaabaabkcccdcccicccdcccjcccdcdcjddddddejcccgcccjccchcccjccchccdjbbbhbbei888e888',
  'off8.0':
    'kjjjnmkkkjkiiiiihhhhggihggggggggccccccccebbbbbbbbbbbbbbbbbbbbbbcbbbbbbbbbbbbbbbbbbbbbbbbcbbbbbbbmbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbhebbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbccccccccbbbbbbcbbbbbbbbbbbbbbbbhbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'target12.8':
    'cccccfjqsoligfee',
  'target12.0':
    'ccbbgggcebeeeffhfhecfgfdcffehbcedegfcbebddeeggbegbefdgeebbfddcbbebececcecgcdcbedcegfddcefbbefbgbefcdceddbebbdebdeeehbfgdbbbdccbheiebcbdeefddfbdeccbdebebecdcbddccccedcdegccgdcceddbccdbdbdebcbcdhbhecbdecdiddcfbbdbdbddbdhcggebcefcbdhggbghcjbbechcfhceicegjeccc',
  'target16.8':
    'ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddeeddeddffjnnkghfdddeddeddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',
  'target16.0':
    'fdgdddddfddeeffddddfdddddfddideddeeeffddddddeddddddeddeddfddegddefeeddfgdddgdddfdddeedfhdddfdfddddddddddeddededgdfdddeddgddfdefdfdfeedhfeeeghdddddfdddddfdddfeddddddddddeddedffiedfedfeddddgddedfeedgdedddeddddedeeedddddedfdfddddddeeddddgddgeefddgdffeddfdfeed',
  'imm16.8':
    'kcccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccfcccjcccccccicdkkjdpkcciccccfccfccccccccccccfccgiccccccecgcccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccd',
  'imm16.0':
    'mkfcccchcccccccceccccccccccccccfdccccccccccccccccccccccccccccccchcccccccccccciccccccccccccccccccdccccccccccccccccdcccccckccccccckcccccccccccccccccccccccccccccccdcccccccccccccccccccccccccccccccdccccccccccccdccccccccccccccccccdcccccccdccccccccccccccccccccgdp',
  'off16.8':
    'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbfbdisibeibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'off16.0':
    'jbbbebbbbbbbbbbbbbbbbbbbbbbbbbbbchbbbbbbbebbbbbbcebbbbbbcbbbbbbbdbbbbbbbcbbbbbbbgbbbbbbbebbbbbbbfbbbbbbbfbbbbbbbgbbbbbbbfbbbbbbblbbbbbbbfbbbbbbbdbbbbbbbgbbbbbbbgbbbbbbbgbbbbbbbjbbbbbbbhbbbbbbbkbbbibbbibbbbbbblbbbbbbbkbbbbbdbkbbbibdbkbbbbbbelbbbbbbbpbcbihjc',
  'imm20.16':
    'ffffffffrnqqffff',
  'imm20.8':
    'pkdeddddddddgddmjddhddddddddddddhddddddedlddddddhdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddej',
  'imm20.0':
    'ndkhdddddddddddhghhdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddhdddddddjdedededdeddfdeeddddgdddddeefddejdgddeddddddddddddddddddddddjdddjdddddddddddddddddddddddddhdddddjdddddddddddddddddddddddddddddddhdddddddddddddddddddddddddeddddddddddddn',
  'off20.16':
    'geuheeeeeeeeeeee',
  'off20.8':
    'oolccpcccgccccccccccchcccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc',
  'off20.0':
    'hcccecccgcccecccmcccfcccgcccecccgcccecccgfffgfffhfffgfffhfffgfffhfffgfffhfffggffhfffgfffhfffgfffhfffgfcfhccceccchcccecccgccceccchccceccchccccccclcccecccecccecccecccecccecccecccecccecccecccecccecccecccgcccecccgcccecccgcccecccgcccecccgcccecccgcccecccgccceccc',
  'target13.8':
    'jjjjjjjjjjjjjjkmmnmlllkjjjjkjjjj',
  'target13.0':
    'fefeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeffeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeefeeeeefeeffeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeefeeeeeeeeeegeeeeeeeeeeeeeeeefeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeefeeeeeeeee',
  'off24.16':
    'ccsfcccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc',
  'off24.8':
    'qnlcficccicccfcfffceekcccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc',
  'off24.0':
    'jcccccccoccccccclcccccccccccccccccccccccjccccccceccccccchccccccchcccccccccccccccfcccccccccccccccgegcfccchfhcfcccjccccccciccccccckcdcdcdcjcfcfcfcfcececfcccccccccdcccccccccccccccccccccccgcccccccgcccccccccccccccdcccccccdcccccccccccccccccccccccccccccccjccccccc',
  'imm24.16':
    'ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddpdpgdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',
  'imm24.8':
    'knldliddddddieddlddddgdddddddddidgdddddddgdddddddddddddddddddddddgdddddddgddddddddddddddddddddddddddddddddddddddddddddddddddddddlddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddi',
  'imm24.0':
    'ngdggggdldddddddldddddddhdddddddddddddddkdddddddddddddddddddddddddddddddhdddddddddddddddddddddddddddddddhdddddddddddddddddddddddidddddddfdddddddhdddddddddddddddddddddddddddddddddddddddddddddddddddddddiddddddddddddddddddddddddddddddddddddddddddddddddddddddk',
  'imm32.24':
    'ibbdbbbbbbbbbbbcbbbbbbbbbbbebbbbddbbbeccdbbbbbbbdbbbbcbbbbbebbbbbbbbbbbcbbbbbbbbbbbbbhbbbbbbbbcbbbbcbbbdbbbbbbfbbbgbbbbbbjbccbblrgbhdccbbiddbbbebdbbedebdedbgidkbbbbbbbbbbcbbbbdbdbebbbbbbddebefbcbbbbfcbcbbdbbbbecbbbcbdbcebbicbbbbbbcbbbeebbbbbbbbbbbbbbbbbbcb',
  'imm32.16':
    'pcpgbebbbebbbiecbcbcdccbcbdcbbbbbbbbbbbccbcbebbbbbbbbbbbbbbbbbbdbbbbdhbbbbbbbebebbbbgbbbdbcbbdbdbebbbbdebbdcbbfjbbebdccbbdbbebbbbbbebbbbbdbbbdbdbebgbbdbcdcbeibbbbbbbdbbbbdfcbbbbbbbbcfbbcbbbbbbbbbbbbbbbbbbbbbbcbbbdbbbbbdbbbbbebbbbbbgbcbbbbcbbbbgbgbbbbbbdebn',
  'imm32.8':
    'qkfcccbbbehbbjbbbecbdbbcgbbebbbbdbbbcbbbbbcbbbbbcebbdgddcdbdbdcbcbcbbbbbbbbbccbbcbedbbbbbbcbcbbbbbbcdeccebbbcbibbbbebcbbbbbbbbgdobbbdbcbdbbbbcbbbbbbbbdbcdbbbdbbbdbbcbdbbbbbbbjbbbbfbbbcbbbbfgbbbdbcbebcbbcbeebbbbbgbbbebebbbbbbbfdbbdebbbbbbbbbbcbebebbbebfbbcn',
  'imm32.0':
    'okddbbbbnjbdbbbckcdbbbbdbebgbbcbibdbbbefhdcbcddbbcbbbbbbgbebbdbfcbbbbgcbbbbbbbbbfbcddbbdecbdbbbcdghcbcefhbcbdefbbbedcdbbgbbcdbbelfbbeecdbbddfbdbbbcbcbgcbbdibbbbcbbbbcbbcbbebbibebbbbbbbbbbbbbbcbbbcdbbbgebcbdbcccgbbbbcbbbcbbbdbbbdbbbbdbbbdgbbgbbbbcbbdhbbbccm',
  'target32.24':
    'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeieeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
  'target32.16':
    'ieeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
  'target32.8':
    'fefeeeeegffefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
  'target32.0':
    'eeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeee',
  'off32.24':
    'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddppddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',
  'off32.16':
    'ldogdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddp',
  'off32.8':
    'ogdddlddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddeddddedp',
  'off32.0':
    'kfeeddddmdddddddidddedddddddddddfdddddddkdddddddgdddddddddddddddddddddddgdddddddfdddddddfdddddddddddddjdfdddddddfdddddddfdddfdddffddfdddddddddddddddddddddddddddddddddddgdddedddddddddddidddfdddgdddfdddhdddhdddjdddfdddidddhdddhdedidddidddgdddgdddgddfddfdfddd',
  'imm64.56':
    'mfeeheeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeleeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeegeeeeeeeeeeeeeee',
  'imm64.48':
    'ofefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeegeeeeeeeeeeeeeee',
  'imm64.40':
    'ofeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeegeeeeeeeeeeeeeef',
  'imm64.32':
    'njfeeeeeeeeeeeeeeeeeeeeffeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeegeffeeeeeeeeeeef',
  'imm64.24':
    'nfeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeefeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeegeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeegeeeeeeeeeeeeeel',
  'imm64.16':
    'nfeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeefeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeefeeeeegeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeegeeeeeeeeeeeeeel',
  'imm64.8':
    'mfeeeeeeeeeeeeeefeeeeeeeeeeeeeeeheeeeejeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeegeeeeeeeeeeeeeeeeeeeeeeefeeefeeeeeeegeeeeeeeeeeeeeek',
  'imm64.0':
    'mjefeeeieeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeegeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeegeeeeeeeeekeeee',
}

/** Weights at first, 256 is 1: by kind of symbol, then by input, the states of which are a line. */
// biome-ignore format: an input is a line
export const packedWeights: readonly (readonly number[])[] = [
  [181, 162, 118, 121, 118, 120, 128, 109, 121, 113, 123, 128, 116, 116, 107, 40],
  [77, 146, 147, 140, 139, 117, 120, 125, 124, 140, 122, 116, 129, 147, 119, 70],
  [77, 133, 185, 194, 217, 262, 276, 337, 49, 109, 142, 130, 149, 143, 176, 156],
  [77, 82, 126, 143, 153, 190, 223, 197, 43, 85, 78, 104, 111, 69, 68, 128],
  [77, 80, 129, 129, 133, 174, 118, 120, 37, 39, 36, 29, 69, 57, 14, 38],
  [77, 159, 289, 355, 298, 225, 165, 347, 57, 93, -19, 81, 98, 73, 97, 149],
  [233, 49, 56, 66, 63, 78, 85, 75, 103, 98, 90, 90, 118, 108, 101, 84],
  [77, 49, 43, 45, 49, 67, 69, 64, 86, 84, 81, 58, 58, 84, 67, 58],
  [77, 152, 214, 223, 262, 204, 262, 265, 41, 74, 122, 72, 125, 162, 174, 207],
  [77, 105, 181, 244, 252, 275, 350, 279, 17, 83, 111, 137, 191, 163, 216, 234],
  [77, 52, 87, 204, 167, 215, 228, 273, -2, 47, 116, 120, 100, 160, 191, 199],
  [77, 302, 461, 494, 338, 234, 207, 476, 76, 172, 147, 112, 127, 125, 122, 241],
  [371, 62, 53, 57, 43, 32, 39, 51, 63, 42, 38, 63, 38, 19, 63, -14],
  [77, 143, 160, 142, 141, 125, 85, 112, 115, 130, 119, 100, 112, 95, 126, 104],
  [77, 150, 154, 168, 222, 77, 100, 227, 19, 16, 40, -53, -26, -4, 46, -82],
  [77, 105, 183, 210, 201, 220, 262, 381, 39, 37, 65, 99, 97, 135, 153, 234],
  [77, 70, 180, 188, 208, 318, 321, 530, 25, 114, 110, 189, 204, 260, 96, 292],
  [77, 64, 108, 104, 56, 74, 75, 172, -6, -5, 25, 58, 72, 69, 78, 11],
  [227, 33, 41, 68, 53, 64, 75, 69, 63, 49, 51, 67, 64, 70, 48, 19],
  [77, 2, 31, 64, 50, 112, 112, 107, 100, 125, 87, 111, 132, 131, 121, 107],
  [77, 122, 213, 160, 167, 107, 103, 191, 48, 56, 66, 39, 44, 33, 1, 57],
  [77, 60, 139, 143, 175, 180, 143, 97, 20, 61, 63, 72, 153, 49, 132, 153],
  [77, 169, 241, 237, 276, 256, 235, 244, 82, 59, 72, 99, 134, 178, 57, 122],
  [77, 128, 171, 226, 223, 251, 212, 208, 48, 52, 93, 105, 100, 79, 59, 222],
  [250, 19, 30, 22, 20, 33, 53, 46, 55, 48, 20, 63, 46, 57, 68, 48],
  [77, 80, 69, 86, 69, 83, 102, 95, 86, 96, 81, 110, 127, 64, 78, 135],
  [77, 27, 114, 100, 60, 61, 81, 65, -6, 42, 58, 32, 65, 84, 88, 45],
  [77, 87, 209, 176, 139, 133, 121, 235, 45, 100, 173, 144, 216, 180, 159, 287],
  [77, 50, 137, 139, 152, 125, 107, 163, 45, 111, 18, 95, 111, 117, 48, 60],
  [77, -1, -47, 22, 45, 67, 73, 65, 12, -47, -61, -125, 32, 85, 72, 48],
]
