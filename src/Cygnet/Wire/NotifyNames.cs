// Names of notify types: the short ones of the message notation and the long ones of log lines.
namespace Cygnet.Wire;

/// <summary>The words by which notifies are shown.</summary>
public static class NotifyNames
{
    /// <summary>Types below 16384 report errors, the others tell a status. RFC 7296 3.10.1.</summary>
    public static bool IsError(NotifyType type) => (ushort)type < 16384;

    /// <summary>As in <c>N(NATD_S_IP)</c>; the number in parentheses for a type without a name.</summary>
    public static string Short(NotifyType type) => type switch
    {
        NotifyType.UnsupportedCriticalPayload => "CRIT",
        NotifyType.InvalidIkeSpi => "INVAL_IKE_SPI",
        NotifyType.InvalidMajorVersion => "INVAL_MAJOR",
        NotifyType.InvalidSyntax => "INVAL_SYN",
        NotifyType.InvalidMessageId => "INVAL_MID",
        NotifyType.InvalidSpi => "INVAL_SPI",
        NotifyType.NoProposalChosen => "NO_PROP",
        NotifyType.PayloadMalformed => "PLD_MAL",
        NotifyType.InvalidKePayload => "INVAL_KE",
        NotifyType.InvalidIdInformation => "INVAL_ID",
        NotifyType.InvalidCertEncoding => "INVAL_CERTEN",
        NotifyType.InvalidCertificate => "INVAL_CERT",
        NotifyType.CertTypeUnsupported => "CERT_UNSUP",
        NotifyType.InvalidCertAuthority => "INVAL_CA",
        NotifyType.InvalidHashInformation => "INVAL_HASH",
        NotifyType.AuthenticationFailed => "AUTH_FAILED",
        NotifyType.SinglePairRequired => "SINGLE_PAIR",
        NotifyType.NoAdditionalSas => "NO_ADD_SAS",
        NotifyType.InternalAddressFailure => "INT_ADDR_FAIL",
        NotifyType.FailedCpRequired => "FAIL_CP_REQ",
        NotifyType.TsUnacceptable => "TS_UNACCEPT",
        NotifyType.InvalidSelectors => "INVAL_SEL",
        NotifyType.UnacceptableAddresses => "UNACCEPT_ADDR",
        NotifyType.UnexpectedNatDetected => "UNEXPECT_NAT",
        NotifyType.UseAssignedHomeAddress => "ASSIGNED_HOA",
        NotifyType.TemporaryFailure => "TEMP_FAIL",
        NotifyType.ChildSaNotFound => "NO_CHILD_SA",
        NotifyType.InvalidGroupId => "INVAL_GROUP",
        NotifyType.AuthorizationFailed => "AUTHZ_FAILED",
        NotifyType.StateNotFound => "NO_STATE",
        NotifyType.TsMaxQueue => "TS_MAX_QUEUE",
        NotifyType.InitialContact => "INIT_CONTACT",
        NotifyType.SetWindowSize => "SET_WINSIZE",
        NotifyType.AdditionalTsPossible => "ADD_TS_POSS",
        NotifyType.IpcompSupported => "IPCOMP_SUP",
        NotifyType.NatDetectionSourceIp => "NATD_S_IP",
        NotifyType.NatDetectionDestinationIp => "NATD_D_IP",
        NotifyType.Cookie => "COOKIE",
        NotifyType.UseTransportMode => "USE_TRANSP",
        NotifyType.HttpCertLookupSupported => "HTTP_CERT_LOOK",
        NotifyType.RekeySa => "REKEY_SA",
        NotifyType.EspTfcPaddingNotSupported => "ESP_TFC_PAD_N",
        NotifyType.NonFirstFragmentsAlso => "NON_FIRST_FRAG",
        NotifyType.MobikeSupported => "MOBIKE_SUP",
        NotifyType.AdditionalIp4Address => "ADD_4_ADDR",
        NotifyType.AdditionalIp6Address => "ADD_6_ADDR",
        NotifyType.NoAdditionalAddresses => "NO_ADD_ADDR",
        NotifyType.UpdateSaAddresses => "UPD_SA_ADDR",
        NotifyType.Cookie2 => "COOKIE2",
        NotifyType.NoNatsAllowed => "NO_NATS",
        NotifyType.AuthLifetime => "AUTH_LFT",
        NotifyType.MultipleAuthSupported => "MULT_AUTH",
        NotifyType.AnotherAuthFollows => "AUTH_FOLLOWS",
        NotifyType.RedirectSupported => "REDIR_SUP",
        NotifyType.Redirect => "REDIR",
        NotifyType.RedirectedFrom => "REDIR_FROM",
        NotifyType.TicketLifetimeOpaque => "TKT_LFT",
        NotifyType.TicketRequest => "TKT_REQ",
        NotifyType.TicketAck => "TKT_ACK",
        NotifyType.TicketNack => "TKT_NACK",
        NotifyType.TicketOpaque => "TKT_OPAK",
        NotifyType.LinkId => "LNK_ID",
        NotifyType.UseWespMode => "WESP_MODE",
        NotifyType.RohcSupported => "ROHC_SUP",
        NotifyType.EapOnlyAuthentication => "EAP_ONLY",
        NotifyType.ChildlessIkeSupported => "CHDLESS_SUP",
        NotifyType.QuickCrashDetection => "CRASH_DET",
        NotifyType.MessageIdSyncSupported => "MSG_ID_SYN_SUP",
        NotifyType.ReplayCounterSyncSupported => "RPL_CTR_SYN_SUP",
        NotifyType.MessageIdSync => "MSG_ID_SYN",
        NotifyType.ReplayCounterSync => "RPL_CTR_SYN",
        NotifyType.SecurePasswordMethods => "SEC_PASSWD",
        NotifyType.PskPersist => "PSK_PST",
        NotifyType.PskConfirm => "PSK_CFM",
        NotifyType.ErxSupported => "ERX_SUP",
        NotifyType.IfomCapability => "IFOM_CAP",
        NotifyType.SenderRequestId => "SENDER_REQ_ID",
        NotifyType.FragmentationSupported => "FRAG_SUP",
        NotifyType.SignatureHashAlgorithms => "HASH_ALG",
        NotifyType.CloneIkeSaSupported => "CLONE_SUP",
        NotifyType.CloneIkeSa => "CLONE",
        NotifyType.Puzzle => "PUZZLE",
        NotifyType.UsePpk => "USE_PPK",
        NotifyType.PpkIdentity => "PPK_ID",
        NotifyType.NoPpkAuth => "NO_PPK",
        NotifyType.IntermediateExchangeSupported => "IKE_INT_SUP",
        NotifyType.Ip4Allowed => "IP4_OK",
        NotifyType.Ip6Allowed => "IP6_OK",
        NotifyType.AdditionalKeyExchange => "ADD_KE",
        NotifyType.UseAggFrag => "AGGFRAG",
        NotifyType.SupportedAuthMethods => "SUP_AUTH",
        NotifyType.SaResourceInfo => "SA_RES",
        NotifyType.UsePpkInt => "USE_PPK_INT",
        NotifyType.PpkIdentityKey => "PPK_ID_KEY",
        NotifyType.InitialContactIkev1 => "INITIAL_CONTACT",
        NotifyType.DpdRUThere => "DPD",
        NotifyType.DpdRUThereAck => "DPD_ACK",
        NotifyType.UnityLoadBalance => "UNITY_LB",
        NotifyType.UseBeetMode => "BEET_MODE",
        NotifyType.MeMediation => "ME_MED",
        NotifyType.MeEndpoint => "ME_EP",
        NotifyType.MeCallback => "ME_CB",
        NotifyType.MeConnectId => "ME_CID",
        NotifyType.MeConnectKey => "ME_CKEY",
        NotifyType.MeConnectAuth => "ME_CAUTH",
        NotifyType.MeResponse => "ME_R",
        NotifyType.RadiusAttribute => "RADIUS",
        _ => Notation.Number((int)type),
    };

    /// <summary>As in <c>received AUTHENTICATION_FAILED notify error</c>.</summary>
    public static string Long(NotifyType type) => type switch
    {
        NotifyType.ChildlessIkeSupported => "CHILDLESS_IKEV2_SUPPORTED",
        NotifyType.MessageIdSyncSupported => "IKEV2_MESSAGE_ID_SYNC_SUPPORTED",
        NotifyType.FragmentationSupported => "FRAGMENTATION_SUPPORTED",
        NotifyType.UseAssignedHomeAddress => "USE_ASSIGNED_HOA",
        _ => Enum.IsDefined(type) ? Spelled(type.ToString()) : Notation.Number((int)type),
    };

    /// <summary>NoProposalChosen becomes NO_PROPOSAL_CHOSEN.</summary>
    static string Spelled(string name)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(name[i]) && !char.IsAsciiLetterUpper(name[i - 1])) text.Append('_');
            text.Append(char.ToUpperInvariant(name[i]));
        }
        return text.ToString();
    }
}
