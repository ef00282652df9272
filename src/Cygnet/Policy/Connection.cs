// The domain model of a configured connection: what swanctl.conf can say, and what both ipsec.conf dialects lower to.
using System.Collections.Immutable;

namespace Cygnet.Policy;

public enum IkeVersion { Any = 0, V1 = 1, V2 = 2 }
public enum AuthClass { Any, PublicKey, Psk, Eap, XAuth, Null }
public enum UniquePolicy { No, Replace, Keep, Never }
public enum FragmentationPolicy { Yes, Accept, Force, No }
public enum CertPolicy { Always, IfAsked, Never }

/// <summary>OCSP inside IKE (RFC 4806): whether what responders say of our certificates is sent when the peer asks, and whether we ask.</summary>
[Flags]
public enum OcspPolicy { Never = 0, Reply = 1, Request = 2, Both = 3 }
public enum ChildMode { Tunnel, Transport, TransportProxy, Beet, Pass, Drop }
public enum RevocationPolicy { Relaxed, IfUri, Strict }
public enum ChildlessPolicy { Allow, Never, Prefer, Force }
public enum DscpCopy { Out, In, Both, No }

/// <summary>What to do with a child at load, when its peer is dead, or when the peer closes it; <c>trap|start</c> is both.</summary>
[Flags]
public enum ChildAction { None = 0, Trap = 1, Start = 2 }

/// <summary>One round of authentication that one side performs. RFC 7296 2.15, RFC 4739.</summary>
public sealed record AuthRound
{
    public AuthClass Class { get; init; } = AuthClass.PublicKey;

    /// <summary>The identity of that side; null is any.</summary>
    public Identity? Id { get; init; }

    /// <summary>Remote only: do not send IDr, accept any identity that the peer's certificate confirms (<c>rightid=%name</c>).</summary>
    public bool IsIdLoose { get; init; }

    /// <summary>DER of the configured certificates, in order.</summary>
    public ImmutableArray<byte[]> Certificates { get; init; } = [];

    /// <summary>SubjectPublicKeyInfo of raw public keys: of ours the one to sign with, of the peer's those that count besides <see cref="Certificates"/>.</summary>
    public ImmutableArray<byte[]> PublicKeys { get; init; } = [];

    /// <summary>DER of the CA certificates of which one must be in the chain.</summary>
    public ImmutableArray<byte[]> CaCertificates { get; init; } = [];

    /// <summary>Distinguished name of a CA that must be in the chain (<c>rightca</c>).</summary>
    public Identity? CaId { get; init; }

    /// <summary>Constraints as configured, for example <c>pubkey-sha256</c>, <c>ike:rsa/pss-sha256</c>; empty if none.</summary>
    public ImmutableArray<string> SignatureConstraints { get; init; } = [];

    public RevocationPolicy Revocation { get; init; } = RevocationPolicy.Relaxed;

    /// <summary>For class EAP the method as configured, <c>eap-mschapv2</c>, <c>eap-25</c>; <c>eap</c> leaves it to the peer. For XAuth the backend.</summary>
    public string Method { get; init; } = "";

    /// <summary>Client: the answer to EAP-Identity, null is the IKE identity. Server: a fixed identity, null is the IKE identity, any asks for it.</summary>
    public Identity? EapId { get; init; }

    /// <summary>The identity that the certificate of the EAP server must confirm; null is the peer's IKE identity.</summary>
    public Identity? AaaId { get; init; }

    public string XAuthId { get; init; } = "";

    /// <summary>Group memberships of which the peer needs one.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>Object identifiers of certificate policies that the peer's chain must hold, all of them.</summary>
    public ImmutableArray<string> CertPolicies { get; init; } = [];

    public bool Equals(AuthRound? other) => other is not null && Class == other.Class && Equals(Id, other.Id) && IsIdLoose == other.IsIdLoose
        && Method == other.Method && Equals(EapId, other.EapId) && Equals(AaaId, other.AaaId) && XAuthId == other.XAuthId
        && Groups.SequenceEqual(other.Groups) && CertPolicies.SequenceEqual(other.CertPolicies)
        && Revocation == other.Revocation && Equals(CaId, other.CaId) && SignatureConstraints.SequenceEqual(other.SignatureConstraints)
        && Same(Certificates, other.Certificates) && Same(PublicKeys, other.PublicKeys) && Same(CaCertificates, other.CaCertificates);

    public override int GetHashCode() => HashCode.Combine(Class, Id);

    static bool Same(ImmutableArray<byte[]> a, ImmutableArray<byte[]> b) =>
        a.Length == b.Length && a.Zip(b).All(p => p.First.AsSpan().SequenceEqual(p.Second));
}

/// <summary>Soft and hard limits of an SA. Zero is off. <c>Rand</c> is subtracted at random (0 to Rand) from the soft limit.</summary>
public sealed record Lifetimes(TimeSpan Rekey, TimeSpan Life, TimeSpan Rand)
{
    public ulong RekeyBytes { get; init; }
    public ulong LifeBytes { get; init; }
    public ulong RandBytes { get; init; }
    public ulong RekeyPackets { get; init; }
    public ulong LifePackets { get; init; }
    public ulong RandPackets { get; init; }
}

/// <summary>A CHILD_SA to be: selectors, proposals, mode, actions.</summary>
public sealed record ChildConfig
{
    public required string Name { get; init; }
    public ImmutableArray<TrafficSelector> LocalTs { get; init; } = [TrafficSelector.Dynamic];
    public ImmutableArray<TrafficSelector> RemoteTs { get; init; } = [TrafficSelector.Dynamic];

    /// <summary>ESP, or AH where the protocol of the proposals says so.</summary>
    public ImmutableArray<Proposal> Proposals { get; init; } = [];
    public ChildMode Mode { get; init; } = ChildMode.Tunnel;
    public Lifetimes Lifetimes { get; init; } = new(TimeSpan.FromMinutes(51), TimeSpan.FromHours(1), TimeSpan.FromMinutes(9));
    public ChildAction StartAction { get; init; }
    public ChildAction DpdAction { get; init; }
    public ChildAction CloseAction { get; init; }
    public TimeSpan Inactivity { get; init; }
    public uint Reqid { get; init; }
    /// <summary>Packets; null: as <c>charon.replay_window</c> says.</summary>
    public int? ReplayWindow { get; init; }
    public bool InstallsPolicy { get; init; } = true;
    public string? Updown { get; init; }
    public bool HostAccess { get; init; }
    public bool Sha256_96 { get; init; }
    public bool IpComp { get; init; }

    /// <summary>Length in bytes to pad packets to; -1: to the MTU.</summary>
    public int TfcPadding { get; init; }
    public Mark MarkIn { get; init; }
    public Mark MarkOut { get; init; }
    public bool MarkInSa { get; init; }
    public Mark SetMarkIn { get; init; }
    public Mark SetMarkOut { get; init; }
    public uint IfIdIn { get; init; }
    public uint IfIdOut { get; init; }

    /// <summary>The numbers are those of the connection: every child of one IKE_SA has the same, also where they are new ones for each.</summary>
    public bool InheritsIfIdIn { get; init; }
    public bool InheritsIfIdOut { get; init; }

    /// <summary>Instead of the number of an XFRM interface: a new one for each CHILD_SA, or for each direction of it.</summary>
    public const uint UniqueIfId = uint.MaxValue, UniqueIfIdPerDirection = uint.MaxValue - 1;

    /// <summary>Of the policies; 0 computes it from the selectors.</summary>
    public uint Priority { get; init; }

    /// <summary>The network interface that policies are restricted to; empty is any.</summary>
    public string Interface { get; init; } = "";
    public bool CopyDf { get; init; } = true;
    public bool CopyEcn { get; init; } = true;
    public DscpCopy CopyDscp { get; init; }

    public bool Equals(ChildConfig? o) => o is not null && Name == o.Name && LocalTs.SequenceEqual(o.LocalTs) && RemoteTs.SequenceEqual(o.RemoteTs)
        && Proposals.SequenceEqual(o.Proposals) && Mode == o.Mode && Lifetimes == o.Lifetimes && StartAction == o.StartAction && DpdAction == o.DpdAction
        && CloseAction == o.CloseAction && Inactivity == o.Inactivity && Reqid == o.Reqid && ReplayWindow == o.ReplayWindow
        && InstallsPolicy == o.InstallsPolicy && Updown == o.Updown && HostAccess == o.HostAccess && Sha256_96 == o.Sha256_96
        && IpComp == o.IpComp && TfcPadding == o.TfcPadding && MarkIn == o.MarkIn && MarkOut == o.MarkOut && MarkInSa == o.MarkInSa && SetMarkIn == o.SetMarkIn
        && SetMarkOut == o.SetMarkOut && IfIdIn == o.IfIdIn && IfIdOut == o.IfIdOut && InheritsIfIdIn == o.InheritsIfIdIn && InheritsIfIdOut == o.InheritsIfIdOut && Priority == o.Priority && Interface == o.Interface
        && CopyDf == o.CopyDf && CopyEcn == o.CopyEcn && CopyDscp == o.CopyDscp;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}

/// <summary>A configured connection. Immutable; a change of configuration replaces it, established SAs keep theirs.</summary>
public sealed record Connection
{
    public required string Name { get; init; }
    public IkeVersion Version { get; init; } = IkeVersion.Any;

    /// <summary>As configured: addresses, <c>%any</c>, subnets, ranges, host names.</summary>
    public ImmutableArray<string> LocalAddrs { get; init; } = ["%any"];
    public ImmutableArray<string> RemoteAddrs { get; init; } = ["%any"];
    public ushort LocalPort { get; init; } = 500;
    public ushort RemotePort { get; init; } = 500;
    public ImmutableArray<Proposal> Proposals { get; init; } = [];
    public ImmutableArray<AuthRound> Local { get; init; } = [];
    public ImmutableArray<AuthRound> Remote { get; init; } = [];
    public ImmutableArray<ChildConfig> Children { get; init; } = [];
    /// <summary>Virtual addresses to ask for: unspecified ones leave the choice to the peer.</summary>
    public ImmutableArray<Address> Vips { get; init; } = [];

    /// <summary>Names of the pools from which the peer gets virtual addresses.</summary>
    public ImmutableArray<string> Pools { get; init; } = [];

    /// <summary>DNS servers to ask the peer for (<c>leftdns</c>); unspecified ones stand for any of the family.</summary>
    public ImmutableArray<Address> RequestedDns { get; init; } = [];

    /// <summary>DNS servers handed to this connection's peers (<c>rightdns</c>), besides those of the pools.</summary>
    public ImmutableArray<Address> Dns { get; init; } = [];

    /// <summary>Identity of the post-quantum pre-shared key, RFC 8784; empty is none.</summary>
    public string PpkId { get; init; } = "";
    public bool PpkRequired { get; init; }
    public ChildlessPolicy Childless { get; init; }
    public uint IfIdIn { get; init; }
    public uint IfIdOut { get; init; }
    public UniquePolicy Unique { get; init; } = UniquePolicy.No;
    public int KeyingTries { get; init; } = 1;
    public TimeSpan ReauthTime { get; init; }
    public TimeSpan RekeyTime { get; init; } = TimeSpan.FromHours(4);
    public TimeSpan OverTime { get; init; } = TimeSpan.FromMinutes(24);
    public TimeSpan RandTime { get; init; } = TimeSpan.FromMinutes(24);
    public TimeSpan DpdDelay { get; init; }
    public TimeSpan DpdTimeout { get; init; }
    public bool Mobike { get; init; } = true;
    /// <summary>Asks the gateway for tickets, and resumes sessions by them. RFC 5723.</summary>
    public bool Resumes { get; init; }
    public bool ForceEncaps { get; init; }
    public bool Aggressive { get; init; }
    public FragmentationPolicy Fragmentation { get; init; } = FragmentationPolicy.Yes;
    public CertPolicy SendCert { get; init; } = CertPolicy.IfAsked;
    public bool SendCertReq { get; init; } = true;
    public OcspPolicy Ocsp { get; init; } = OcspPolicy.Reply;
    public byte Dscp { get; init; }

    /// <summary>Label of the front end that loaded it (<c>x-source</c>), for example <c>ipsec.conf</c>; empty for foreign VICI clients.</summary>
    public string Source { get; init; } = "";

    /// <summary>Whether everything but the children is equal, so that an established SA may go on serving both.</summary>
    public bool HasSameIkeSettings(Connection o) => this with { Children = [] } == o with { Children = [] };

    /// <summary>Whether what both ends have proven for another connection serves this one too: the rounds differ only in whom they are for, and in groups.</summary>
    public bool HasProofsOf(Connection o) =>
        Local.SequenceEqual(o.Local) && Remote.Select(Bare).SequenceEqual(o.Remote.Select(Bare)) && PpkId == o.PpkId && PpkRequired == o.PpkRequired;

    static AuthRound Bare(AuthRound round) => round with { Id = null, Groups = [] };

    public bool Equals(Connection? o) => o is not null && Name == o.Name && Version == o.Version && LocalAddrs.SequenceEqual(o.LocalAddrs)
        && RemoteAddrs.SequenceEqual(o.RemoteAddrs) && LocalPort == o.LocalPort && RemotePort == o.RemotePort && Proposals.SequenceEqual(o.Proposals)
        && Local.SequenceEqual(o.Local) && Remote.SequenceEqual(o.Remote) && Children.SequenceEqual(o.Children) && Vips.SequenceEqual(o.Vips)
        && Pools.SequenceEqual(o.Pools) && Unique == o.Unique && KeyingTries == o.KeyingTries && ReauthTime == o.ReauthTime && RekeyTime == o.RekeyTime
        && OverTime == o.OverTime && RandTime == o.RandTime && DpdDelay == o.DpdDelay && DpdTimeout == o.DpdTimeout && Mobike == o.Mobike && Resumes == o.Resumes
        && ForceEncaps == o.ForceEncaps && Aggressive == o.Aggressive && Fragmentation == o.Fragmentation && SendCert == o.SendCert
        && RequestedDns.SequenceEqual(o.RequestedDns) && Dns.SequenceEqual(o.Dns) && PpkId == o.PpkId && PpkRequired == o.PpkRequired
        && Childless == o.Childless && IfIdIn == o.IfIdIn && IfIdOut == o.IfIdOut && SendCertReq == o.SendCertReq && Ocsp == o.Ocsp && Dscp == o.Dscp && Source == o.Source;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
