/** One picture for each page, in the menu and on cards. */
import {
  AlertOutlined, AuditOutlined, BankOutlined, BookOutlined, DatabaseOutlined, DeploymentUnitOutlined, ExportOutlined, FileSearchOutlined, HomeOutlined, ReconciliationOutlined,
  SafetyCertificateOutlined, TeamOutlined, ThunderboltOutlined, ToolOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';

export const ICONS: Record<string, ReactNode> = {
  home: <HomeOutlined />,
  leads: <AlertOutlined />,
  reviews: <FileSearchOutlined />,
  recoveries: <BankOutlined />,
  campaigns: <ReconciliationOutlined />,
  rules: <ToolOutlined />,
  knowledge: <BookOutlined />,
  runs: <DatabaseOutlined />,
  quality: <SafetyCertificateOutlined />,
  counter: <ThunderboltOutlined />,
  relations: <DeploymentUnitOutlined />,
  exports: <ExportOutlined />,
  audit: <AuditOutlined />,
  users: <TeamOutlined />,
};
