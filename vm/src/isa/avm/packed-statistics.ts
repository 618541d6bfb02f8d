/**
 * How frequent symbols of packed code are, by class: a digit in base 36 for each, twice the logarithm of its frequency.
 * A class that is absent has symbols of one frequency. `scripts/train-packed.mjs` writes it.
 */
// biome-ignore format: a class is a line
export const packedStatistics: Readonly<Record<string, string>> = {
  'op':
    'icn2269fcb3618mjieekffbjk4297c9lchd1gc19f28cfhc8fgc1767575875878d8cd9babhihc7accd8963646331211cbbcd896539833215acih963kh66bgdfcdd1519142ad197c6138d111617911817111211111131aaji1f1a2fijfifeaib9a712ccaca151e151ced9bedi2566feb7gffa814effeddbd977189db411ae91171978ce57abg4111e111511635gf3cca6ac11de15418dbc57dd11ce1f51111111151121111613311311111114111711a189889948849815111189111411111cecb85111116e111111111111111111111111111111111111111c8cba1114311111111211211111111c',
  'a':
    'qponnmmllkkkjhh2',
  'b':
    'ponnomllllkkjgfk',
  'imm4.0':
    'qpmnkllmmkiiihhm',
  'c':
    'oononnnlmmmljij6',
  'off4.0':
    'okjkjkklklonnool',
  'target8.0':
    'nkkjijiihhigggfghcchdgecbccecgafcfffbbdabcceabacaab9b9ab9cbdcabccfeaacbcddcccaa9d77ccbcb9agdbaedcd8accbgcgefeahhaffcejfhfhag8baa9cbdeddcddfhgcdbdfefaeebheeacbeacgac8ac7b9acb8cbagcdadcadbabbdc9beabbc7bccbg9bceggbabdbafedddegbdceccfedbebcedbb9dcfddf7c9h8ca9h',
  'imm8.0':
    'fglhfcfhbcebdaaedaacfaaaiaaagaakhadaacaaaeaaaaaaaaaaaaacefeabaafdaaacaaaaeaaaaaagaaddaaeadccaadddaaabaaaaaaabaacaaaaaacgaccifcbmnnlghfhfgafaaaaaeaacbaaahaacbaaajheagaaajgdecfeahcacaaaaaacaaaadjaaaaaaacaaaaaaafacaaaaaaaceggccdbbadedaaaaacbdabbcbdcaddaacdaab',
  'imm7.0':
    'ffffffffffffffffffffffffffffffffjiiiiiiiiihhhhhhhhhhhhhhhhhhhhhhhhhhgggggggggggggggggfffffffffffffffffffffffffffffffffffffffffff',
  'imm6.0':
    'hijmfigljeccemgcolhhhecdoghbhnccoehcddbhegbddadaiddadadafadacgdi',
  'imm5.0':
    'ffnffgnnffmnfngfgnnngfngfnjgghfg',
  'imm12.8':
    'sfhbbabhrfhefimn',
  'imm12.0':
    'kmkehicghbbhecaijfkdbdabffaadaakoamafhaajgfacdceiajabdabfdbacdaakeaaadaafaaabeaaiaaaadcafacaadaafeebbdaafbaabdaafaaaadaagacaddaafcaaadaaaaaacdaacaaabdaccaaaadaagaaaagaaeaaaaacdbaaaaaaadaaaaaaagaaabaaabaaaaaaabbaaaaaagaaaaaaahaaaaaaabaaababadaaaaaaaeaaabdaf',
  'off12.8':
    'rjf99999d9cciior',
  'off12.0':
    'mjggjaaageaaedbcgaa9d999geddfddhjfehfhddheeefefegecceccchcccecccgcccddddgcdddcccicbbbbbbhbbbbbbbhbbbbbbbgbbbcbbbhbbbbbbbgbbbbbbbcbbfihh9caaabaaajaaabaaadbbbcbbbdbbbdbccfbbbdbcdgbbbcbbdhdddedddfdddfdedfdddedeefeeeeeefidddhdddjdddidddidddiddeiccciccfgaaaf999',
  'off8.0':
    'kjiknmkkkjkiiiiihhhhggihggggggggccccccccebbbbbbbbbbbbbbbbbbbbbbcbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbblbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbhebbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbccccccccbbbbbbcbbbbbbbbbbbbbbbbhbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'target12.8':
    'cccccfjqsolihfed',
  'target12.0':
    'cdbcgghbebeeefehfhecegfdcfeehccecegfdbedfbfeggbdgdeeegcedbfddcbbebdcedccdgcecbddcegfcdeeebbefbgbefddceddbeccdebeeeegbfgcbbbdbccheiebccdeefeefcceccbcebebddddbedbccdedddegbcgeccdcdbbcdbdbdebbbcdhbhecbdecdiccbfcbebdccdbdgcfgebcdfcbdhggbggcjccechcfhbdjcfgjecbc',
  'target16.8':
    'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddeedeedffjnnlghfddeddedddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',
  'target16.0':
    'ddhdddededdfedfdeddgededddddidefdfeeddddddddeddddddfededdddddgddeffddddgdddgddeffddedddhdddfdfddddeddddddddddedgdfdededfgddefdfdfdeeedhfeddgheddddfdddddfdddfdddddddddddeedfdffiddfedfeddddgddedfeddgdedddeddededeeedddfdedfddddddddeeddddgdegeefddgffgdddfddeed',
  'imm16.8':
    'kcccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccfcccjcccccccicdkkjdpkcciccccfccfccccccccccccfccgiccccccecgcccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccd',
  'imm16.0':
    'mkfcccchcccccccceccccccccccccccfdccccccccccccccccccccccccccccccchcccccccccccciccccccccccccccccccdccccccccccccccccdcccccckccccccckcccccccccccccccccccccccccccccccdcccccccccccccccccccccccccccccccdccccccccccccdccccccccccccccccccdcccccccdccccccccccccccccccccgdp',
  'off16.8':
    'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbfbdisibeibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'off16.0':
    'jbbbebbbbbbbbbbbbbbbbbbbbbbbbbbbchbbbbbbbebbbbbbcebbbbbbcbbbbbbbdbbbbbbbcbbbbbbbgbbbbbbbebbbbbbbfbbbbbbbfbbbbbbbgbbbbbbbfbbbbbbblbbbbbbbfbbbbbbbdbbbbbbbgbbbbbbbgbbbbbbbgbbbbbbbjbbbbbbbhbbbbbbbkbbbibbbibbbbbbblbbbbbbbkbbbbbdbkbbbibdbkbbbbbbelbbbbbbbpbcbihjc',
  'imm20.16':
    'ffffffffrmqqffff',
  'imm20.8':
    'pkdeddddddddgddmjddhddddddddddddhddddddedlddddddhdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddej',
  'imm20.0':
    'ndkhdddddddddddhghhdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddhdddddddjdedededdeddfdeeddddgdddddeefddejdgddeddddddddddddddddddddddjdddjdddddddddddddddddddddddddhdddddjdddedddddddddddddddddddddddddddhdddddddddddddddddddddddddeddddddddddddn',
  'off20.16':
    'geuheeeeeeeeeeee',
  'off20.8':
    'oolccqcccfccccccccccchcccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc',
  'off20.0':
    'hcccecccgcccecccmcccfcccgcccecccgcccecccgfffgfffhfffgfffhfffgfffhfffgfffhfffggffhfffgfffhfffgfffhfffgfcfhccceccchcccecccgccceccchccceccchccccccckcccecccecccecccecccecccecccecccecccecccecccecccecccecccgcccecccgcccecccgcccecccgcccecccgcccecccgcccecccgccceccc',
  'target13.8':
    'jjjjjjjjjjjjjjkmmnmllljjjjkjjjjj',
  'target13.0':
    'feeeeeeeeefeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeefeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefefeeeeffeeefeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeegefeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeefeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeee',
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
    'ngdggggdldddddddldddddddhdddddddddddddddkdddddddddddddddddddddddddddddddhdddddddddddddddddddddddddddddddhdddddddddddddddddddddddidddddddfdddddddhdddddddddddddddddddddddddddddddddddddddddddddddddddddddjddddddddddddddddddddddddddddddddddddddddddddddddddddddk',
  'imm32.24':
    'ibbdbbbbbbbbbbbcbbbbbbbbbbbebbbbddbbbeccdbbbbbbbdbbbbcbbbbbebbbbbbbbbbbcbbbbbbbbbbbbbhbbbbbbbbcbbbbcbbbdbbbbbbfbbbgbbbbbbjbccbblrhbhdccbbiddbbbebdbbedebdedbgidkbbbbbbbbbbcbbbbdbdbebbbbbbddebefbcbbbbfcbcbbdbbbbecbbbcbdbcebbicbbbbbbcbbbeebbbbbbbbbbbbbbbbbbcb',
  'imm32.16':
    'pcpgbfbbbebbbiecbcbcdccbcbdcbbbbbbbbbbbccbcbebbbbbbbbbbbbbbbbbbdbbbbdhbbbbbbbebebbbbgbbbdbcbbdbdbebbbbdebbdcbbfjbbebdccbbdbbebbbbbbebbbbbdbbbdbdbebgbbdbcdcbeibbbbbbbdbbbbdfcbbbbbbbbcfbbcbbbbbbbbbbbbbbbbbbbbbbcbbbdbbbbbdbbbbbebbbbbbgbcbbbbcbbbbgbgbbbbbbdebn',
  'imm32.8':
    'qkecdcbbbehbbjbbbecbdbbcgbbebbbbdbbbcbbbbbcbbbbbcebbdgddcdbdbdcbcbcbbbbbbbbbccbbcbedbbbbbbcbcbbbbbbcdeccebbbcbibbbbebcbbbbbbbbgdobbbdbcbdbbbbcbbbbbbbbdbcdbbbdbbbdbbcbdbbbbbbbjbbbbfbbbcbbbbfgbbbdbcbebcbbcbeebbbbbgbbbebebbbbbbbfdbbdebbbbbbbbbbcbebebbbebfbbcn',
  'imm32.0':
    'okddbbbbnjbdbbbckcdbbbbdbebgbbcbibdbbbefhdcbcddbbcbbbbbbgbebbdbfcbbbbgcbbbbbbbbbfbcddbbdecbdbbbcdghcbcefgbcbdefbbbedcdbbgbbcdbbelfbbeecdbbddfbdbbbcbcbgcbbdibbbbcbbbbcbbcbbebbibebbbbbbbbbbbbbbcbbbcdbbbgebcbdbcccgbbbbcbbbcbbbdbbbdbbbbdbbbdhbbhbbbbcbbdhbbbccm',
  'target32.24':
    'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeieeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
  'target32.16':
    'ieeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
  'target32.8':
    'ffeeeeeegffefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
  'target32.0':
    'eeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeefeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeefeeeeeeeeeeeeeeeeeeeeeee',
  'off32.24':
    'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddppddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',
  'off32.16':
    'ldogdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddp',
  'off32.8':
    'ogdddlddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddeddddedp',
  'off32.0':
    'kfeeddddmdddddddidddedddddddddddfdddddddkdddddddgdddddddddddddddddddddddgdddddddfdddddddfdddddddddddddkdfdddddddfdddddddfdddfdddffddfdddddddddddddddddddddddddddddddddddgdddedddddddddddidddfdddgdddfdddhdddhdddjdddfdddidddhdddidedidddidddgdddgdddgddfddfdfddd',
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
  [167, 162, 125, 118, 121, 116, 135, 117, 120, 114, 115, 121, 119, 131, 106, 50],
  [77, 144, 149, 144, 126, 136, 131, 129, 153, 133, 137, 122, 134, 127, 110, 68],
  [77, 124, 182, 192, 208, 259, 236, 375, 52, 86, 139, 112, 130, 122, 155, 135],
  [77, 70, 123, 151, 160, 162, 201, 175, 45, 105, 80, 83, 108, 105, 105, 124],
  [77, 85, 112, 134, 103, 148, 100, 136, 38, 20, 21, 31, 69, 52, 53, 61],
  [77, 165, 302, 362, 273, 216, 163, 369, 64, 65, 59, 91, 98, 61, 99, 190],
  [221, 40, 61, 75, 61, 76, 109, 82, 88, 110, 84, 83, 112, 90, 86, 77],
  [77, 47, 50, 47, 69, 61, 62, 55, 102, 85, 85, 61, 50, 97, 59, 48],
  [77, 146, 201, 247, 246, 207, 224, 244, 34, 78, 96, 62, 112, 172, 94, 161],
  [77, 93, 180, 223, 271, 280, 329, 365, 1, 90, 113, 130, 201, 187, 255, 264],
  [77, 51, 106, 180, 175, 229, 255, 239, -1, 52, 132, 122, 104, 172, 213, 213],
  [77, 306, 449, 463, 346, 230, 201, 415, 67, 167, -5, 90, 71, 85, 85, 77],
  [353, 54, 51, 61, 56, 38, 38, 57, 79, 48, 39, 69, 34, 48, 56, 19],
  [77, 131, 115, 112, 134, 102, 95, 105, 97, 113, 119, 96, 105, 113, 130, 119],
  [77, 159, 201, 194, 232, 125, 130, 226, 27, 3, 27, -52, -39, -41, 38, -101],
  [77, 94, 182, 223, 218, 252, 216, 412, 23, 49, 82, 119, 121, 149, 162, 244],
  [77, 82, 170, 161, 203, 326, 308, 490, 46, 97, 106, 223, 209, 256, 130, 294],
  [77, 60, 138, 147, 103, 125, 150, 100, -11, 3, 72, 67, 56, 56, 115, 1],
  [235, 35, 33, 52, 54, 63, 82, 57, 59, 33, 56, 108, 48, 78, 67, 38],
  [77, -5, 14, 65, 49, 78, 61, 61, 75, 92, 47, 63, 86, 64, 70, 75],
  [77, 132, 214, 148, 126, 84, 105, 170, 57, 93, 124, 48, 122, 114, 151, 108],
  [77, 61, 169, 165, 146, 149, 132, 147, 27, 56, 76, 64, 104, 47, 110, 96],
  [77, 148, 254, 190, 279, 299, 252, 245, 73, 108, 31, 147, 97, 165, 114, 176],
  [77, 209, 299, 348, 314, 304, 303, 381, 102, 220, 214, 129, 124, 100, 101, 99],
  [252, 20, 22, 11, 45, 22, 66, 63, 50, 42, 57, 36, 55, 64, 30, 38],
  [77, 58, 74, 76, 93, 62, 94, 100, 92, 120, 94, 113, 86, 134, 99, 122],
  [77, 36, 180, 98, -70, 66, 77, 76, 5, 51, 50, 86, 24, 64, 102, 63],
  [77, 82, 223, 179, 143, 146, 132, 204, 48, 85, 180, 135, 223, 184, 160, 271],
  [77, 44, 133, 141, 146, 130, 109, 169, 63, 108, -14, 101, 119, 119, 51, 75],
  [77, 1, -52, 1, 50, 81, 79, 65, 25, -67, -49, -147, 38, 87, 73, 63],
]
