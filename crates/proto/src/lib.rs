//! The wire contracts: generated types, clients, servers and the descriptor set.
