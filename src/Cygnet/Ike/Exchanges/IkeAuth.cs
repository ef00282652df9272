// IKE_AUTH, what both roles share. RFC 7296 1.2, 2.15, 2.16; RFC 4739 (several rounds); RFC 5998 (EAP-only); RFC 7427; RFC 8784 (PPK); RFC 9242 3.3.2.
//   HDR, SK {IDi, [CERT..], [N(INIT_CONTACT)], [CERTREQ], [IDr], AUTH, [SAi2, TSi, TSr]}  -->
//                        <--  HDR, SK {IDr, [CERT..], AUTH, [SAr2, TSr, TSi | N(error)]}
// with EAP on the initiator's side:
//   HDR, SK {IDi, [CERTREQ], [IDr], [SAi2, TSi, TSr]}  -->
//                        <--  HDR, SK {IDr, [CERT..], AUTH, EAP}
//   HDR, SK {EAP}  -->   <--  HDR, SK {EAP}                    as often as the method needs
//   HDR, SK {AUTH}  -->  <--  HDR, SK {AUTH, [SAr2, TSr, TSi]}
// AUTH with N(ANOTHER_AUTH_FOLLOWS) announces that its sender has another round.
using Cygnet.Auth;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

/// <summary>
/// One object for the whole authentication, from the first IKE_AUTH request to the SA that is established. The order of the steps stands in
/// IkeAuth.Initiator.cs and IkeAuth.Responder.cs, how a round proves and checks an identity in IkeAuth.Prove.cs, Verify.cs and Eap.cs.
/// </summary>
sealed partial class IkeAuth(IkeSa ike, ChildWish? wish = null) : Exchange(ike)
{
    const byte X509Signature = 4;

    ChildWish? _wish = wish;
    ChildWish? _deferred; // to be created once the IKE_SA is there, RFC 6023
    ChildSa? _child;
    int _ownRound, _peerRound;
    IdPayload? _ownId, _peerId;
    Step _step;

    /// <summary>How far the round under way has come.</summary>
    enum Step
    {
        /// <summary>The round begins: identities are to be exchanged.</summary>
        Start,
        /// <summary>EAP packets go to and fro.</summary>
        Eap,
        /// <summary>EAP succeeded: the AUTH payloads that it keys are to come. RFC 7296 2.16.</summary>
        EapSucceeded,
        /// <summary>Our AUTH is made; the peer's answer ends the round.</summary>
        Proven,
    }

    public override string Task => "IKE_AUTH";
    public override IEnumerable<string> Tasks => FirstTasks.Authenticating(Ike, (_wish ?? _deferred) is not null || _child is not null);

    /// <summary>Whom the first request asks for: one identity, no pattern.</summary>
    public Identity? Wanted => PeerRound is { IsIdLoose: false, Id: { Kind: not IdentityKind.Any, HasWildcards: false } peer } ? peer : null;

    public override ExchangeType Type => ExchangeType.IkeAuth;

    Connection Connection => Ike.Connection!;
    AuthRound OwnRound => Round(Connection.Local, _ownRound);
    AuthRound PeerRound => Round(Connection.Remote, _peerRound);
    bool HasFurtherOwnRound => Session is null && _ownRound + 1 < Connection.Local.Length;

    /// <summary>The child that is still to be brought up, for a new attempt; what this one holds is given back.</summary>
    public ChildWish? TakeWish()
    {
        Abandon(null);
        return _wish ?? _deferred;
    }

    public override void Abandon(string? reason)
    {
        _child?.Remove();
        _child = null;
        EndEap();
        ForgetPpk();
    }

    static AuthRound Round(System.Collections.Immutable.ImmutableArray<AuthRound> rounds, int index) => index < rounds.Length ? rounds[index] : new();

    /// <summary>What our AUTH payload of this round authenticates. RFC 7296 2.15.</summary>
    byte[] OwnOctets(byte[] skP) => Octets(Ike.IsInitiator, skP, _ownId!.Body);

    byte[] PeerOctets(byte[] skP) => Octets(!Ike.IsInitiator, skP, _peerId!.Body);

    byte[] Octets(bool ofInitiator, byte[] skP, byte[] idBody)
    {
        var h = Ike.Handshake!;
        return AuthOctets.Signed(Ike.Prf!, ofInitiator ? h.InitRequest : h.InitResponse, ofInitiator ? h.Nr : h.Ni, skP, idBody, h.Intermediate.Octets);
    }

    byte[] OwnSkP => Ike.IsInitiator ? Ike.Keys!.SkPi : Ike.Keys!.SkPr;

    byte[] PeerSkP => Ike.IsInitiator ? Ike.Keys!.SkPr : Ike.Keys!.SkPi;
}
