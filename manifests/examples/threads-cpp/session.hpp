// One client's lines and the answers to them.
//
//     SET KEY VALUE     OK
//     GET KEY           VALUE
//     DEL KEY           OK
//     ADD KEY NUMBER    the sum
//     COUNT             number of keys
//     QUIT              ends the conversation
//
// What goes wrong is answered by "ERROR " and a reason.
#pragma once

#include <atomic>

#include "store.hpp"

// Talks to the client until it leaves or `stopping` is set, then closes the socket.
void converse(int socket, Store& store, const std::atomic<bool>& stopping);
