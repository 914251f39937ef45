(* a + m t 2^(16 - e), rounded down or up: the innermost operation of the checker, on machine integers where they suffice. Extraction.v puts it in the place of
   Specialized.mac_dn and mac_up, so that it is trusted as Zarith is. For 16 <= e < 78, |m| < 2^25, |t| < 2^36 and |a| < 2^60 the product is below 2^61 and the sum
   below 2^62: neither leaves the 63 bits of an int, and asr is the floor of the division. Everything else goes to Zarith. *)

let down a m t e =
  Z.add a (if e <= 16 then Z.shift_left (Z.mul m t) (16 - e) else Z.shift_right (Z.mul m t) (e - 16))

let up a m t e =
  Z.add a (if e <= 16 then Z.shift_left (Z.mul m t) (16 - e) else Z.neg (Z.shift_right (Z.neg (Z.mul m t)) (e - 16)))

(* Zarith keeps an integer of 63 bits as an int. *)
let small (z : Z.t) limit = Obj.is_int (Obj.repr z) && (let n : int = Obj.magic z in n < limit && n > - limit) [@@inline]

let fits a m t e = e >= 16 && e < 78 && small m 0x2000000 && small t 0x1000000000 && small a 0x1000000000000000 [@@inline]

let mac_dn (a : Z.t) ((m, e) : Z.t * int) (t : Z.t) : Z.t =
  if fits a m t e then Obj.magic ((Obj.magic a : int) + (((Obj.magic m : int) * (Obj.magic t : int)) asr (e - 16))) else down a m t e

let mac_up (a : Z.t) ((m, e) : Z.t * int) (t : Z.t) : Z.t =
  if fits a m t e then Obj.magic ((Obj.magic a : int) - ((- ((Obj.magic m : int) * (Obj.magic t : int))) asr (e - 16))) else up a m t e

(* Comparisons and shifts of machine integers by one instruction. An integer that fits is never kept otherwise, so that 0 is the int 0. *)
let is_zero (a : Z.t) = a == Z.zero [@@inline]

let leq (a : Z.t) (b : Z.t) = if Obj.is_int (Obj.repr a) && Obj.is_int (Obj.repr b) then (Obj.magic a : int) <= (Obj.magic b : int) else Z.leq a b [@@inline]

let shift_right (a : Z.t) n : Z.t = if Obj.is_int (Obj.repr a) && n < 63 then Obj.magic ((Obj.magic a : int) asr n) else Z.shift_right a n [@@inline]
