; A demonstration for the NES: a landscape of tiles that scrolls, a swarm of sprites that bounce, colours that
; change, and a tune with a bass and a drum. Everything the picture needs is worked out by the program.

PPUCTRL = $2000
PPUMASK = $2001
PPUSTATUS = $2002
OAMADDR = $2003
PPUSCROLL = $2005
PPUADDR = $2006
PPUDATA = $2007
OAMDMA = $4014
SWARM = 24              ; sprites

; zero page
frame = $00             ; counts, in the interrupt
ready = $01             ; not 0: the main program has seen the frame
scroll = $02            ; low and high
seed = $04              ; two bytes, never 0
pointer = $06
column = $08
height = $09
beat = $0a
step = $0b
temp = $0c
sum = $0e               ; what the main program has counted, two bytes
xs = $10                ; by sprite: place, and way with its sign in bit 7
ys = $28
dxs = $40
dys = $58
sprites = $0200
ahead = $0400           ; the column that comes next, from the top

.org $c000
reset:
  sei
  cld
  ldx #$40
  stx $4017             ; no interrupts of the sound
  ldx #$ff
  txs
  inx
  stx PPUCTRL
  stx PPUMASK
  stx $4010
@first:
  bit PPUSTATUS
  bpl @first
  lda #0
@clear:
  sta $00,x
  sta $0100,x
  sta $0300,x
  sta $0400,x
  sta $0500,x
  sta $0600,x
  sta $0700,x
  inx
  bne @clear
  lda #$f8
@hide:
  sta sprites,x
  inx
  bne @hide
  lda #$5a
  sta seed
  lda #$c3
  sta seed+1
  lda #34               ; one column is out of sight to the right
  sta column
  jsr colours
  jsr landscape
  jsr swarm
  jsr quiet
  jsr raise
  lda #%10010000        ; interrupt each frame, background tiles from $1000
  sta PPUCTRL
  lda #%00011110
  sta PPUMASK

main:
  lda ready
  beq main
  lda #0
  sta ready
  jsr raise
  jsr fly
  jsr count
  jmp main

; a pseudo-random number in A: a shift register with taps
random:
  lda seed+1
  lsr a
  lda seed
  ror a
  bcc @even
  pha
  lda seed+1
  lsr a
  eor #$b4
  sta seed+1
  pla
  sta seed
  eor seed+1
  rts
@even:
  sta seed
  lsr seed+1
  eor seed+1
  rts

colours:
  lda #$3f
  sta PPUADDR
  lda #$00
  sta PPUADDR
  tax
@next:
  lda palette,x
  sta PPUDATA
  inx
  cpx #32
  bne @next
  rts

; two screens side by side: a sky over earth; the program changes it column by column while it scrolls
landscape:
  lda #$20
  sta PPUADDR
  ldx #0
  stx PPUADDR
  ldy #2                ; screens
@screen:
  txa                   ; 0: the sky, 18 rows of 32
  ldx #144
@sky:
  sta PPUDATA
  sta PPUDATA
  sta PPUDATA
  sta PPUDATA
  dex
  bne @sky
  ldx #192              ; 12 rows of two tiles of earth
@earth:
  lda #4
  sta PPUDATA
  lda #5
  sta PPUDATA
  dex
  bne @earth
@attributes:            ; colours of 4 by 4 tiles
  txa
  lsr a
  lsr a
  lsr a
  stx temp
  tax
  lda bands,x
  sta PPUDATA
  ldx temp
  inx
  cpx #64
  bne @attributes
  ldx #0
  dey
  bne @screen
  lda #12
  sta height
  rts

; the next column of hills under a sky with stars, for the interrupt
raise:
  jsr random
  and #3
  tax
  lda slopes,x
  clc
  adc height
  cmp #6
  bcs @low
  lda #6
@low:
  cmp #22
  bcc @high
  lda #22
@high:
  sta height
  ldy #0
@down:
  cpy height
  bcc @sky
  beq @grass
  tya
  eor column
  and #1
  clc
  adc #4                ; two tiles of earth
  bne @put
@grass:
  lda #3
  bne @put
@sky:
  jsr random
  and #$0f
  bne @empty
  jsr random
  and #1
  clc
  adc #1                ; two kinds of stars
  bne @put
@empty:
  lda #0
@put:
  sta ahead,y
  iny
  cpy #30
  bne @down
  rts

swarm:
  ldx #0
@next:
  jsr random
  sta xs,x
  jsr random
  and #$7f
  adc #16
  sta ys,x
  jsr random
  and #$83
  ora #1
  sta dxs,x
  jsr random
  and #$83
  ora #1
  sta dys,x
  inx
  cpx #SWARM
  bne @next
  rts

; each sprite on its way, turned back at the edges; then all of them into the list
fly:
  ldx #0
  ldy #0
@next:
  lda dxs,x
  bmi @left
  clc
  adc xs,x
  cmp #248
  bcc @across
  lda dxs,x
  ora #$80
  sta dxs,x
  lda #247
  bne @across
@left:
  and #$7f
  sta temp
  lda xs,x
  sec
  sbc temp
  bcs @across
  lda dxs,x
  and #$7f
  sta dxs,x
  lda #0
@across:
  sta xs,x
  lda dys,x
  bmi @up
  clc
  adc ys,x
  cmp #200
  bcc @along
  lda dys,x
  ora #$80
  sta dys,x
  lda #200
  bne @along
@up:
  and #$7f
  sta temp
  lda ys,x
  sec
  sbc temp
  bcs @along
  lda dys,x
  and #$7f
  sta dys,x
  lda #8
@along:
  sta ys,x
  sta sprites,y
  iny
  txa
  lsr a
  adc frame
  lsr a
  lsr a
  lsr a
  and #3
  clc
  adc #1                ; four pictures of a bird
  sta sprites,y
  iny
  txa
  and #3
  sta temp
  lda dxs,x
  and #$80
  lsr a                 ; looks where it flies
  ora temp
  sta sprites,y
  iny
  lda xs,x
  sta sprites,y
  iny
  inx
  cpx #SWARM
  beq @done
  jmp @next
@done:
  rts

; sums a page that changes, by way of a pointer, in decimal and in binary; answers in `sum`
count:
  lda #<$0300
  sta pointer
  lda #>$0300
  sta pointer+1
  ldy #0
@next:
  tya
  clc
  adc (pointer),y
  eor frame
  sta (pointer),y
  clc
  adc sum
  sta sum
  bcc @same
  inc sum+1
@same:
  iny
  bne @next
  lda sum
  asl a
  rol sum+1
  adc #0
  sta sum
  rts

interrupt:
  pha
  txa
  pha
  tya
  pha
  lda #0
  sta OAMADDR
  lda #>sprites
  sta OAMDMA
  ; one colour of the stars shimmers
  lda #$3f
  sta PPUADDR
  lda #$01
  sta PPUADDR
  lda frame
  lsr a
  lsr a
  and #7
  tax
  lda shimmer,x
  sta PPUDATA
  ; a column from the top, by writes that go down
  lda #%10010100
  sta PPUCTRL
  lda column
  and #$20
  lsr a
  lsr a
  lsr a                 ; 4 for the second screen
  ora #$20
  sta PPUADDR
  lda column
  and #$1f
  sta PPUADDR
  inc column
  ldx #0
@tiles:
  lda ahead,x
  sta PPUDATA
  inx
  cpx #30
  bne @tiles
  ; scroll by eight dots, which is a column
  lda scroll
  clc
  adc #8
  sta scroll
  bcc @same
  lda scroll+1
  eor #1
  sta scroll+1
@same:
  bit PPUSTATUS
  lda scroll
  sta PPUSCROLL
  lda #0
  sta PPUSCROLL
  lda #%10010000
  ora scroll+1
  sta PPUCTRL
  jsr music
  inc frame
  inc ready
  pla
  tay
  pla
  tax
  pla
  rti

quiet:
  lda #%00001111
  sta $4015
  lda #%00001000
  sta $4001
  sta $4005
  rts

; a step of the tune each sixth frame
music:
  lda beat
  beq @play
  dec beat
  rts
@play:
  lda #5
  sta beat
  ldy step
  ldx melody,y
  beq @rest
  lda #%10000110
  sta $4000
  lda periods,x
  sta $4002
  lda #%00001000
  sta $4003
  lda #%01000011
  sta $4004
  lda periods,x
  clc
  adc #2                ; the second voice a little beside the first
  sta $4006
  lda #%00001000
  sta $4007
@rest:
  tya
  and #3
  bne @drum
  tya
  lsr a
  lsr a
  tax
  lda bass,x
  tax
  lda #%01000000
  sta $4008
  lda periods,x
  sta $400a
  lda #%00001001
  sta $400b
@drum:
  tya
  and #1
  bne @next
  lda #%00000011
  sta $400c
  lda drums,y
  sta $400e
  lda #%00010000
  sta $400f
@next:
  iny
  tya
  and #$1f
  sta step
  rts

slopes: .byte 0, 1, $ff, 1
bands: .byte $00, $00, $55, $55, $aa, $aa, $ff, $ff
shimmer: .byte $30, $31, $21, $11, $01, $11, $21, $31
palette:
  .byte $0f, $30, $10, $2a, $0f, $28, $17, $1a, $0f, $27, $07, $19, $0f, $26, $06, $09
  .byte $0f, $16, $27, $30, $0f, $12, $22, $30, $0f, $14, $24, $30, $0f, $28, $38, $30
; timer periods, from a low note upwards; 0 is a pause
periods: .byte 0, 253, 225, 200, 189, 168, 149, 133, 126, 112, 99, 94, 83, 74, 66, 62
melody:
  .byte 5, 0, 7, 8, 9, 0, 8, 7, 5, 5, 3, 0, 4, 5, 7, 0
  .byte 8, 9, 11, 0, 12, 11, 9, 8, 9, 0, 7, 5, 3, 0, 1, 0
bass: .byte 1, 5, 3, 7, 4, 1, 5, 3
drums: .byte 4, 0, 12, 0, 7, 0, 12, 0, 4, 0, 12, 0, 7, 0, 14, 0, 4, 0, 12, 0, 7, 0, 12, 0, 4, 0, 9, 0, 7, 0, 3, 0

.org $fffa
  .word interrupt, reset, interrupt

; the first table of tiles: sprites
.tile ........ ........ ........ ........ ........ ........ ........ ........
.tile ........ 1......1 11....11 .113311. ..1331.. ...22... ...2.... ........
.tile ........ ........ 11....11 11133111 ..1331.. ...22... ...2.... ........
.tile ........ ........ ........ ..1331.. 11133111 11.22.11 ...2.... ........
.tile ........ ........ ........ ..1331.. .113311. 11.22.11 1..2...1 ........
; the second: the landscape
.table 256
.tile ........ ........ ........ ........ ........ ........ ........ ........
.tile ........ ........ ....1... ...1.1.. ....1... ........ ........ ........
.tile ...1.... ...1.... ..121... 112.211. ..121... ...1.... ...1.... ........
.tile .3...3.. 33.3.333 33333333 33233323 13331333 11311131 11112111 12111111
.tile 11111112 12111111 11112111 11111111 21111121 11121111 11111111 11211111
.tile 11222211 12211221 12111122 12111112 12111122 11221221 11122211 11111111
