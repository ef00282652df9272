// Settings of EAP from strongswan.conf: charon.plugins.eap-*, charon.tls; immutable.
namespace Cygnet.Eap;

/// <summary>The versions of TLS that are built.</summary>
public enum TlsVersion { Tls12 = 0x0303, Tls13 = 0x0304 }

/// <summary>Settings of a method on top of TLS.</summary>
public sealed record EapTlsSettings
{
    /// <summary>Longest EAP-Request or -Response with a piece of TLS, bytes.</summary>
    public int FragmentSize { get; init; } = 1024;

    /// <summary>Messages of one conversation, after which it is given up; 0: no limit but our own.</summary>
    public int MaxMessageCount { get; init; } = 32;

    /// <summary>Whether TLS Message Length stands in packets that are not fragmented.</summary>
    public bool IncludeLength { get; init; } = true;

    /// <summary>TTLS and PEAP, server: the method inside, a word as behind <c>eap-</c>.</summary>
    public string Phase2Method { get; init; } = "";

    /// <summary>TTLS and PEAP, server: begin the inner method without waiting for an identity.</summary>
    public bool Phase2Piggyback { get; init; }

    /// <summary>TTLS and PEAP, server: ask the client for a certificate.</summary>
    public bool RequestPeerAuth { get; init; }
}

/// <summary>Defaults are those of strongSwan 5.9.8.</summary>
public sealed record EapSettings
{
    public EapTlsSettings Tls { get; init; } = new();
    public EapTlsSettings Ttls { get; init; } = new() { Phase2Method = "md5" };
    public EapTlsSettings Peap { get; init; } = new() { Phase2Method = "mschapv2", IncludeLength = false };

    /// <summary>charon.tls.version_min and version_max.</summary>
    public TlsVersion TlsMinimum { get; init; } = TlsVersion.Tls12;
    public TlsVersion TlsMaximum { get; init; } = TlsVersion.Tls12;

    /// <summary>eap-dynamic: methods to propose, best first, words with commas between; empty: all that are built, in the order of their numbers.</summary>
    public string DynamicPreferred { get; init; } = "";

    /// <summary>eap-dynamic: the order of the client's NAK counts, not ours.</summary>
    public bool DynamicPrefersPeer { get; init; }

    /// <summary>eap-sim and eap-aka, server: ask for the identity inside the method, even if EAP has asked already.</summary>
    public bool SimRequestIdentity { get; init; } = true;
    public bool AkaRequestIdentity { get; init; } = true;

    /// <summary>eap-aka-3gpp2: whether the sequence number has to be fresh.</summary>
    public bool AkaSeqCheck { get; init; }
}
