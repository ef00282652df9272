// The words of the VICI event alert: what went wrong, for whoever watches. The list and the order are those of the reference.
using System.Collections.Immutable;
using Cygnet.Auth;

namespace Cygnet.Ike;

/// <summary>The types that this daemon raises; docs/vici.md says when.</summary>
public static class AlertType
{
    public const string RadiusNotResponding = "radius-not-responding", ShutdownSignal = "shutdown-signal",
        LocalAuthFailed = "local-auth-failed", PeerAuthFailed = "peer-auth-failed", PeerAddrFailed = "peer-addr-failed", PeerInitUnreachable = "peer-init-unreachable",
        InvalidIkeSpi = "invalid-ike-spi", ParseErrorHeader = "parse-error-header", ParseErrorBody = "parse-error-body",
        RetransmitSend = "retransmit-send", RetransmitSendCleared = "retransmit-send-cleared", RetransmitSendTimeout = "retransmit-send-timeout",
        RetransmitReceive = "retransmit-receive", HalfOpenTimeout = "half-open-timeout",
        ProposalMismatchIke = "proposal-mismatch-ike", ProposalMismatchChild = "proposal-mismatch-child", TsMismatch = "ts-mismatch", TsNarrowed = "ts-narrowed",
        InstallChildSaFailed = "install-child-sa-failed", InstallChildPolicyFailed = "install-child-policy-failed",
        UniqueReplace = "unique-replace", UniqueKeep = "unique-keep", KeepOnChildSaFailure = "keep-on-child-sa-failure", VipFailure = "vip-failure",
        AuthorizationFailed = "authorization-failed", IkeSaExpired = "ike-sa-expired",
        CertExpired = "cert-expired", CertRevoked = "cert-revoked", CertValidationFailed = "cert-validation-failed", CertNoIssuer = "cert-no-issuer",
        CertUntrustedRoot = "cert-untrusted-root", CertExceededPathLen = "cert-exceeded-path-len", CertPolicyViolation = "cert-policy-violation";

    /// <summary>Ours: the peer has lost its state, as its token proves. RFC 6290.</summary>
    public const string PeerCrashed = "x-peer-crashed";

    /// <summary>Every type, in the order of the reference.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        RadiusNotResponding, ShutdownSignal, LocalAuthFailed, PeerAuthFailed, PeerAddrFailed, PeerInitUnreachable, InvalidIkeSpi, ParseErrorHeader, ParseErrorBody,
        RetransmitSend, RetransmitSendCleared, RetransmitSendTimeout, RetransmitReceive, HalfOpenTimeout, ProposalMismatchIke, ProposalMismatchChild, TsMismatch, TsNarrowed,
        InstallChildSaFailed, InstallChildPolicyFailed, UniqueReplace, UniqueKeep, KeepOnChildSaFailure, VipFailure, AuthorizationFailed, IkeSaExpired,
        CertExpired, CertRevoked, CertValidationFailed, CertNoIssuer, CertUntrustedRoot, CertExceededPathLen, CertPolicyViolation, PeerCrashed,
    ];

    /// <summary>What a refusal is to those who watch, unless whoever refuses knows better; null: nothing.</summary>
    internal static string? Of(RefusalKind kind, RefusedBy by) => (kind, by) switch
    {
        (RefusalKind.Ike, _) => ProposalMismatchIke,
        (RefusalKind.Child, _) => ProposalMismatchChild,
        (RefusalKind.Selectors, _) => TsMismatch,
        (RefusalKind.Identity or RefusalKind.Authentication, RefusedBy.Us) => PeerAuthFailed,
        (RefusalKind.Identity or RefusalKind.Authentication, RefusedBy.Peer) => LocalAuthFailed,
        (RefusalKind.DataPlane, _) => InstallChildSaFailed,
        _ => null,
    };

    internal static string Of(CertificateFault fault) => fault switch
    {
        CertificateFault.Expired => CertExpired,
        CertificateFault.Revoked => CertRevoked,
        CertificateFault.StatusUnknown => CertValidationFailed,
        CertificateFault.NoIssuer => CertNoIssuer,
        CertificateFault.UntrustedRoot => CertUntrustedRoot,
        CertificateFault.PathTooLong => CertExceededPathLen,
        _ => CertPolicyViolation,
    };
}
