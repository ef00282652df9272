// A minimal configuration for FreeRADIUS 3.2, of one file each: the server, its users, its certificates.
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cygnet.Linux.Tests.Radius;

/// <summary>Writes into a folder of its own; <c>freeradius -X -d FOLDER</c> then serves from there.</summary>
public static class FreeRadiusConf
{
    public const string Secret = "gv6URkSs", ServerName = "aaa.cygnet.test", ClientName = "carol@cygnet.test";

    /// <summary>
    /// <paramref name="users"/>: entries of the users file. <paramref name="method"/>: what the server begins EAP with, in the words of its own configuration
    /// (md5, gtc, mschapv2, tls, ttls, peap, sim). <paramref name="tls"/>: the version of TLS. The files <c>ca.pem</c>, <c>client.pem</c> and <c>client.key</c> are for the client.
    /// </summary>
    public static void Write(string folder, string listen, int authPort, int acctPort, string users, string method = "md5", string tls = "1.2")
    {
        Directory.CreateDirectory(folder);
        WriteCertificates(folder);
        File.WriteAllText(Path.Combine(folder, "users"), users);
        File.WriteAllText(Path.Combine(folder, "radiusd.conf"), string.Create(CultureInfo.InvariantCulture, $$"""
            prefix = /usr
            libdir = /usr/lib/freeradius
            logdir = {{folder}}
            run_dir = {{folder}}
            raddbdir = {{folder}}
            max_request_time = 30
            cleanup_delay = 5
            hostname_lookups = no
            correct_escapes = true
            log {
                destination = stdout
            }
            security {
                max_attributes = 200
                reject_delay = 0
                status_server = yes
                allow_vulnerable_openssl = yes
            }
            client any {
                ipaddr = 0.0.0.0/0
                secret = {{Secret}}
                require_message_authenticator = yes
            }
            modules {
                pap {
                }
                mschap {
                }
                files {
                    filename = {{folder}}/users
                }
                detail {
                    filename = {{folder}}/detail
                    permissions = 0600
                }
                eap {
                    default_eap_type = {{method}}
                    timer_expire = 60
                    max_sessions = 4096
                    md5 {
                    }
                    gtc {
                        auth_type = PAP
                    }
                    mschapv2 {
                    }
                    sim {
                    }
                    tls-config common {
                        private_key_file = {{folder}}/server.key
                        certificate_file = {{folder}}/server.pem
                        ca_file = {{folder}}/ca.pem
                        tls_min_version = "{{tls}}"
                        tls_max_version = "{{tls}}"
                        ecdh_curve = prime256v1
                        fragment_size = 1024
                    }
                    tls {
                        tls = common
                    }
                    ttls {
                        tls = common
                        default_eap_type = md5
                        virtual_server = inner
                        copy_request_to_tunnel = no
                        use_tunneled_reply = yes
                    }
                    peap {
                        tls = common
                        default_eap_type = mschapv2
                        virtual_server = inner
                        copy_request_to_tunnel = no
                        use_tunneled_reply = yes
                    }
                }
            }
            server default {
                listen {
                    type = auth
                    ipaddr = {{listen}}
                    port = {{authPort}}
                }
                listen {
                    type = acct
                    ipaddr = {{listen}}
                    port = {{acctPort}}
                }
                authorize {
                    files
                    eap
                }
                authenticate {
                    eap
                    mschap
                    Auth-Type PAP {
                        pap
                    }
                }
                accounting {
                    detail
                }
                post-auth {
                    Post-Auth-Type REJECT {
                        eap
                    }
                }
            }
            server inner {
                authorize {
                    files
                    eap
                }
                authenticate {
                    eap
                    mschap
                    Auth-Type PAP {
                        pap
                    }
                }
            }

            """));
    }

    static void WriteCertificates(string folder)
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(5));
        var request = new CertificateRequest("C=CH, O=Cygnet Test, CN=AAA CA", caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var ca = request.CreateSelfSigned(from, to);
        File.WriteAllText(Path.Combine(folder, "ca.pem"), ca.ExportCertificatePem() + "\n");
        foreach (var (file, name, usage) in ((string, string, string)[])[("server", ServerName, "1.3.6.1.5.5.7.3.1"), ("client", ClientName, "1.3.6.1.5.5.7.3.2")])
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var leaf = new CertificateRequest($"C=CH, O=Cygnet Test, CN={name}", key, HashAlgorithmName.SHA256);
            leaf.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
            leaf.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
            leaf.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
            var names = new SubjectAlternativeNameBuilder();
            if (name.Contains('@', StringComparison.Ordinal)) names.AddEmailAddress(name);
            else names.AddDnsName(name);
            leaf.CertificateExtensions.Add(names.Build());
            using var certificate = leaf.Create(ca, from, to.AddDays(-1), RandomNumberGenerator.GetBytes(8));
            File.WriteAllText(Path.Combine(folder, file + ".pem"), certificate.ExportCertificatePem() + "\n");
            File.WriteAllText(Path.Combine(folder, file + ".key"), key.ExportPkcs8PrivateKeyPem() + "\n");
        }
    }
}
