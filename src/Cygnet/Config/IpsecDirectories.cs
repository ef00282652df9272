// Where ipsec.conf and ipsec.secrets look for the files that they name.
namespace Cygnet.Config;

/// <summary>The directories below <c>ipsec.d</c>.</summary>
public sealed record IpsecDirectories(string Root)
{
    public string Certs => $"{Root}/certs";

    public string CaCerts => $"{Root}/cacerts";

    /// <summary>Certificates of attribute authorities.</summary>
    public string AaCerts => $"{Root}/aacerts";

    /// <summary>Attribute certificates.</summary>
    public string Acerts => $"{Root}/acerts";

    /// <summary>Certificates of OCSP signers that answer for CAs which have not appointed them.</summary>
    public string OcspCerts => $"{Root}/ocspcerts";

    /// <summary>CRLs; charon puts those that it fetches here too, with cachecrls.</summary>
    public string Crls => $"{Root}/crls";

    public string Private => $"{Root}/private";

    /// <summary>The file with GSM triplets.</summary>
    public string Triplets => $"{Root}/triplets.dat";
}
