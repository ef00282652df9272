// The peer's rekeying of an SA that we rekey ourselves at the same time. RFC 7296 2.8.1, 2.8.2; RFC 9370 2.2.4.
namespace Cygnet.Ike;

/// <summary>Its nonces, and whether the peer has gone on to additional key exchanges.</summary>
abstract record PeerRekeying(byte[] Ni, byte[] Nr, bool IsDecided);

/// <summary>Of a CHILD_SA: the new one, not installed yet as long as additional key exchanges are to come.</summary>
sealed record PeerRekey(byte[] Ni, byte[] Nr, ChildSa New, bool IsDecided) : PeerRekeying(Ni, Nr, IsDecided);

/// <summary>Of the IKE_SA: the new one, null as long as additional key exchanges are to come.</summary>
sealed record PeerIkeRekey(byte[] Ni, byte[] Nr, IkeSa? New, bool IsDecided) : PeerRekeying(Ni, Nr, IsDecided);
