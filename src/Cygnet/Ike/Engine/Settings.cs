// Daemon-wide settings of the protocol core, from strongswan.conf's charon section; immutable.
using System.Collections.Immutable;
using Cygnet.Wire;

namespace Cygnet.Ike;

/// <summary>Defaults are those of strongSwan 5.9.8.</summary>
public sealed record Settings
{
    /// <summary>Wait before retransmission k is Timeout × Base^k seconds, at most Limit (0: none); Jitter percent is subtracted at random.</summary>
    public double RetransmitTimeout { get; init; } = 4.0;
    public double RetransmitBase { get; init; } = 1.8;
    public int RetransmitTries { get; init; } = 5;
    public int RetransmitJitter { get; init; }
    public double RetransmitLimit { get; init; }
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Asks the peer instead of sending a keepalive that is that much late: the host has slept; 0: never.</summary>
    public TimeSpan KeepAliveDpdMargin { get; init; }
    public TimeSpan HalfOpenTimeout { get; init; } = TimeSpan.FromSeconds(30);
    public bool DosProtection { get; init; } = true;
    public int CookieThreshold { get; init; } = 30;
    public int CookieThresholdPerIp { get; init; } = 3;
    public int BlockThreshold { get; init; } = 5;
    public int InitLimitHalfOpen { get; init; }
    public int InitLimitJobLoad { get; init; }

    /// <summary>So many established IKE_SAs, and nobody new is let in; 0: any number.</summary>
    public int IkeSaLimit { get; init; }
    public int FragmentSize { get; init; } = 1280;
    public int MaxPacket { get; init; } = 10000;
    public bool SignatureAuthentication { get; init; } = true;
    /// <summary>Takes certificates that are only named by hash and URL, and fetches them. RFC 7296 3.6.</summary>
    public bool HashAndUrl { get; init; }

    /// <summary>What <c>rightauth</c> says of signatures in the peer's chain also holds for its IKE signature, unless <c>ike:</c> terms do.</summary>
    public bool SignatureAuthenticationConstraints { get; init; } = true;
    public bool RsaPss { get; init; }
    public bool PreferConfiguredProposals { get; init; } = true;
    public bool CloseIkeOnChildFailure { get; init; }
    public bool InactivityCloseIke { get; init; }
    /// <summary>How long after a failed look-up of the peer's name it is looked up again; 0: the attempt fails.</summary>
    public TimeSpan RetryInitiateInterval { get; init; }
    public bool MakeBeforeBreak { get; init; }
    public bool ReuseIkeSa { get; init; } = true;
    public bool InitiatorOnly { get; init; }
    public TimeSpan DeleteRekeyedDelay { get; init; } = TimeSpan.FromSeconds(5);
    public ushort Port { get; init; } = 500;
    public ushort PortNatT { get; init; } = 4500;
    /// <summary>Moves to the path that routing prefers, though the one in use still is one.</summary>
    public bool PreferBestPath { get; init; }

    /// <summary>Asks over a path that still is one whether it works, when addresses or routes have changed.</summary>
    public bool CheckCurrentPath { get; init; }
    public bool SendVendorId { get; init; }
    public bool CiscoFlexVpn { get; init; }

    /// <summary>Announces that several rounds of authentication are possible. RFC 4739.</summary>
    public bool MultipleAuthentication { get; init; } = true;

    /// <summary>Authenticates by EAP alone though the peer has not announced that it can. RFC 5998.</summary>
    public bool ForceEapOnlyAuthentication { get; init; }

    /// <summary>What a packet that met a trap is like is not proposed, only what is configured.</summary>
    public bool IgnoreAcquireTs { get; init; }

    /// <summary>Packets; where the connection names no other.</summary>
    public int ReplayWindow { get; init; } = 32;

    /// <summary>The SPIs of our CHILD_SAs and IKE_SAs; what they are when the engine begins stays.</summary>
    public EspSpiRange EspSpis { get; init; } = EspSpiRange.All;
    public IkeSpiLabel IkeSpis { get; init; }

    /// <summary>How certificates are looked at.</summary>
    public Pki.TrustSettings Trust { get; init; } = new();
    public bool FollowRedirects { get; init; } = true;

    /// <summary>Which clients are sent to other gateways, the first that fits: <c>charon.x-redirect</c>.</summary>
    public ImmutableArray<RedirectRule> Redirects { get; init; } = [];

    /// <summary>Believes a peer that proves with its token that it has lost an IKE_SA: <c>charon.x-qcd.take</c>. RFC 6290.</summary>
    public bool TakesCrashTokens { get; init; } = true;

    /// <summary>For how long the tickets are good that clients get to resume their sessions; null: they get none. <c>charon.x-resumption</c>.</summary>
    public TimeSpan? TicketLifetime { get; init; }

    /// <summary>Sections that could not be read and have no effect, with the reason; a line each.</summary>
    public ImmutableArray<string> Ignored { get; init; } = [];
    public Eap.EapSettings Eap { get; init; } = new();

    /// <summary>Handed to every peer that gets a virtual address: <c>charon.dns1</c>, <c>nbns1</c>, <c>plugins.attr</c>.</summary>
    public ImmutableArray<ConfigurationAttribute> Attributes { get; init; } = [];
}
