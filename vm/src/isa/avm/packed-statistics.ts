/**
 * How frequent symbols of packed code are, by class: a digit in base 36 for each, twice the logarithm of its frequency.
 * A class that is absent has symbols of one frequency. `scripts/train-packed.mjs` writes it.
 */
// biome-ignore format: a class is a line
export const packedStatistics: Readonly<Record<string, string>> = {
  'op':
    'icn2269fcb3618mjikffbjk42197c9lchd1gc19f28cfhc8fgc1767575875878d8cd9babhihc7adcd8a63646331211cbbcd896539833215acih963kh66bgdfcdd1519142ad197c6138d111617911817111211111131ffji1f1a2fijfifeaib9a712ccaca151e151ced9bedi2566feb7gffa814egfeddbd977189db411ae91171978ce57abg4111e111511635gf3cca6ac11de15418dbc57dd11ce1f51111111151121111613311311111114111711a189889948849815111189111411111cecb85111116e111111111111111111111111111111111111111c8cba1114311111111211211111111c',
  'a':
    'qponnmmllkkkjhh2',
  'b':
    'ponnomllllkkjgfk',
  'imm4.0':
    'qqmnkllmmkiiihgm',
  'c':
    'oononnmlmmmljij6',
  'off4.0':
    'okjkjkklklonnool',
  'target8.0':
    'nkkjijiihhigggfghcchdgecbccecgafcfffbbdabcceabacaab9b9ab9cadcabccfeabcbcddcccaa9d77ccbcb9agdbaedcd8accbgcgefeahhaffcejfhfhag8baa9cbdeddcddfhgcdbdfefaeebheeacbeacgac8ac7b9acb8cbagcdadcadbabbdc9beabbc7bccbg9bceggbacdbafedddegbdceccfedbebcedbb9dcfddf7c9h8ca9h',
  'imm8.0':
    'fglhfcfhbcebdaaedaacfaaaiaaagaakhadaacaaaeaaaaaaaaaaaaacefeabaafdaaacaaaaeaaaaaagaaddaaeadccaadddaaabaaaaaaabaacaaaaaacgaccifcbmnnlghfhfgafaaaaaeaacbaaahaacbaaajheagaaajgdecfeahcacaaaaaacaaaadjaaaaaaacaaaaaaafacaaaaaaaceggccdbbadedaaaaacbdabbcbdcaddaacdaab',
  'imm7.0':
    'ddddddddddddddddmlllllllkkkjjjhhhgggggggggfffffffffffffffffffffffeeeeeeeeeeeeeeeeeeeeddddddddddddddddddddddddddddddddddddddddddd',
  'imm6.0':
    'hijmfigljeccemgcolhhhdcdoghbhnccoehcddbhegbccacaiccadadafadacgci',
  'imm5.0':
    'ffnffgnnffmnfngfgnnngfngfnjgghfg',
  'imm12.8':
    'sfhbbabhrfhefimn',
  'imm12.0':
    'kmkehicghbbhecaijfkdbdabffaadaakoamafhaajgfacdceiajabdabfdbacdaakeaaadaafaaabeaaiaaaadcaeacaadaafeebbdaafbaabdaafaaaadaagacaddaafcaaadaaaaaacdaacaaabdaccaaaadaagaaaahaaeaaaaacdbaaaaaaadaaaaaaagaaabaaabaaaaaaabbaaaaaagaaaaaaahaaaaaaabaaababadaaaaaaaeaaabdaf',
  'off12.8':
    'rjf99999d9cciior',
  'off12.0':
    'mjggjaaageaaedbcgaa9d999gdddeddhjfehfhddheeefefegecceccchcccecccgcccddddgcdddcccicbbbbbbhbbbbbbbhbbbbbbbgbbbcbbbhbbbbbbbgbbbbbbbcbbfihh9caaabaaajaaabaaadbbbcbbbdbbbdbccfbbbdbcdgbbbcbbdhdddedddfdddfdedfdddedeefeeefeefidddhdddjdddidddidddiddeiccciccfgaaaf999',
  'off8.0':
    'kjiknmkkkjkiiiiihhhhggihggggggggccccccccebbbbbbbbbbbbbbbbbbbbbbcbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbblbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbhebbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbccccccccbbbbbbcbbbbbbbbbbbbbbbbhbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'target12.8':
    'cccccfjqsolihfed',
  'target12.0':
    'cdbcgghbebeeefehfhecegfdcfeehccecegfdbedfbfeggbdgdeeegcedbfddcbbebdcedccdgcecbddcegfcdeeebbefbgbefddceedbeccdebfeeegbfgcbbbdbccheiebccdeefeefcceccbcebebddddbedbccdedbdegbcgeccdcdbbcdbdbdebbbcdhbhecbdecdidcbfcbebdccdbdgcfgebcdfcbdhggbggcjccechcfhbdjcfgjecbc',
  'target16.8':
    'ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddeeedeedffjnnlghfddeddedddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',
  'target16.0':
    'ddhdddddeddfedfdeddgeeedddddidefdfeeddddddddeddddddfededdddddgddfffddddgdddgddeffddedddhdddfdfddddeddddddddddedgdfdededfgddefdfdfdeeedhfeddgheddddfdddddfdddfdddddddddddeedfdffiddfedfeddddgddedfeddgdedddeddddedeeedddfdedfddddddddeeddddgddgeefddgffgdedfddeed',
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
    'ngdggggdldddddddldddddddhdddddddddddddddkdddddddddddddddddddddddddddddddhdddddddddddddddddddddddddddddddhdddddddddddddddddddddddidddddddfdddddddhdddddddddddddddddddddddddddddddddddddddddddddddddddddddiddddddddddddddddddddddddddddddddddddddddddddddddddddddk',
  'imm32.24':
    'ibbdbbbbbbbbbbbcbbbbbbbbbbbebbbbddbbbeccdbbbbbbbdbbbbcbbbbbebbbbbbbbbbbcbbbbbbbbbbbbbhbbbbbbbbcbbbbcbbbdbbbbbbfbbbgbbbbbbjbccbblrhbhdccbbiddbbbebdbbedebdedbgidkbbbbbbbbbbcbbbbdbdbebbbbbbddebefbcbbbbfcbcbbdbbbbecbbbcbebcebbicbbbbbbcbbbeebbbbbbbbbbbbbbbbbbcb',
  'imm32.16':
    'pcpgbfbbbebbbiecbcbcdccbcbdcbbbbbbbbbbbccbcbebbbbbbbbbbbbbbbbbbdbbbbdhbbbbbbbebebbbbgbbbdbcbbdbdbebbbbdebbdcbbfjbbebdccbbdbbebbbbbbebbbbbdbbbdbdbebgbbdbcdcbeibbbbbbbdbbbbdfcbbbbbbbbcfbbcbbbbbbbbbbbbbbbbbbbbbbcbbbebbbbbdbbbbbebbbbbbgbcbbbbcbbbbgbgbbbbbbdebn',
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
  [168, 156, 121, 114, 121, 122, 111, 130, 127, 118, 139, 115, 106, 99, 122, 50],
  [77, 141, 136, 148, 124, 126, 127, 125, 145, 146, 122, 119, 128, 141, 122, 72],
  [77, 126, 177, 182, 227, 258, 259, 377, 63, 91, 126, 110, 129, 138, 169, 122],
  [77, 83, 135, 145, 163, 180, 175, 174, 47, 89, 64, 103, 117, 112, 87, 135],
  [77, 79, 125, 123, 125, 166, 114, 141, 37, 22, 27, 43, 58, 44, 28, 57],
  [77, 157, 299, 360, 277, 219, 176, 360, 69, 90, 94, 80, 96, 72, 103, 177],
  [219, 43, 56, 74, 61, 80, 120, 86, 84, 107, 71, 84, 109, 93, 84, 73],
  [77, 44, 54, 56, 67, 60, 63, 68, 90, 84, 82, 62, 47, 96, 54, 47],
  [77, 143, 210, 245, 256, 183, 219, 217, 29, 58, 95, 43, 135, 173, 102, 178],
  [77, 98, 182, 223, 250, 290, 319, 355, -9, 88, 116, 131, 215, 163, 229, 255],
  [77, 49, 90, 202, 145, 207, 229, 269, -2, 53, 125, 129, 103, 176, 210, 216],
  [77, 306, 458, 460, 329, 228, 204, 406, 71, 175, -28, 80, 70, 85, 85, 78],
  [366, 55, 48, 61, 53, 39, 42, 59, 73, 52, 47, 51, 30, 42, 35, 23],
  [77, 129, 124, 108, 150, 110, 92, 96, 103, 128, 109, 90, 110, 106, 120, 110],
  [77, 156, 176, 195, 224, 129, 124, 229, 19, 5, 36, -48, -38, -34, 72, -98],
  [77, 97, 180, 206, 207, 218, 259, 402, 25, 59, 80, 130, 125, 163, 190, 234],
  [77, 86, 155, 186, 199, 318, 310, 521, 41, 106, 121, 224, 211, 246, 98, 246],
  [77, 63, 120, 129, 78, 75, 123, 93, 1, -5, 67, 62, 54, 60, 134, 20],
  [235, 30, 32, 59, 55, 66, 89, 62, 65, 51, 60, 95, 47, 79, 58, 42],
  [77, -2, 11, 58, 47, 83, 55, 60, 64, 62, 59, 66, 86, 62, 99, 82],
  [77, 131, 224, 141, 148, 97, 96, 186, 53, 96, 126, 37, 129, 113, 155, 107],
  [77, 68, 175, 162, 145, 144, 128, 130, 24, 65, 59, 75, 93, 42, 104, 98],
  [77, 156, 273, 227, 270, 286, 239, 223, 61, 117, 15, 159, 91, 177, 115, 178],
  [77, 225, 281, 343, 348, 308, 290, 385, 86, 187, 209, 145, 134, 105, 85, 98],
  [246, 14, 34, 17, 31, 52, 54, 49, 55, 56, 48, 36, 54, 39, 39, 45],
  [77, 71, 66, 94, 81, 83, 86, 94, 105, 99, 78, 86, 96, 86, 110, 133],
  [77, 26, 166, 98, -69, 68, 81, 66, 1, 49, 58, 81, 29, 63, 96, 46],
  [77, 85, 213, 175, 133, 134, 124, 242, 43, 99, 176, 141, 223, 180, 153, 271],
  [77, 47, 126, 144, 156, 128, 109, 164, 51, 114, 2, 98, 113, 115, 45, 70],
  [77, -4, -33, 13, 45, 68, 73, 65, 22, -70, -46, -138, 31, 86, 71, 50],
]
