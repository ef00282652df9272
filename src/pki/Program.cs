// pki: makes and shows keys, certificates, requests and CRLs. The reference's pki(1).
using Cygnet.PkiTool;

using var output = Console.OpenStandardOutput();
return Pki.Run(Surroundings.OfThisProcess(output), args);
