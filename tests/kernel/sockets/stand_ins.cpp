#include "../lwip/stand_ins.cpp"
