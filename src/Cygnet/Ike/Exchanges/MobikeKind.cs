// What a MOBIKE exchange of ours is for. RFC 4555.
namespace Cygnet.Ike.Exchanges;

enum MobikeKind
{
    /// <summary>Finds a path that works: it goes over all of them. RFC 4555 3.10.</summary>
    Probe,
    /// <summary>Tells the responder of our new addresses. RFC 4555 3.5.</summary>
    Update,
    /// <summary>Lists where we can be reached too. RFC 4555 3.6.</summary>
    Addresses,
    /// <summary>Makes sure that the peer is where it says (3.7), and notices a NAT mapping that changed (3.8).</summary>
    Check,
}
